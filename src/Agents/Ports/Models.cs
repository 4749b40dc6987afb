namespace AgentMesh.Agents;

/// <summary>What is known of a model's endpoint. Learned while running, shared by all agents of a host.</summary>
public interface IModelTraits
{
    /// <summary>Whether tools may be offered natively. Where not, the agent asks for actions in JSON.</summary>
    bool HasTools(string model);

    /// <summary>The endpoint refused a request because it offered tools.</summary>
    void ToolsRefused(string model);
}

/// <summary>The endpoint does not take tools. Thrown by <see cref="IAgentCalls.Ask"/> before anything is recorded; the loop asks again without them.</summary>
public sealed class ToolsRefusedException(string message, Exception? inner = null) : Exception(message, inner);
