using System.Text.Json;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents;

/// <summary>What an agent is given for one attempt at a step.</summary>
/// <param name="Inputs">In the step's order, values loaded. Steps that were skipped or failed (optional ones) are absent.</param>
/// <param name="Tools">Those that mesh, goal, role and step all allow.</param>
/// <param name="Answers">What people answered to this step's questions so far, in order.</param>
/// <param name="Children">Artifacts of the helpers that this step spawned, once they ended.</param>
public sealed record StepWork(
    GoalId Goal, GoalSpec Spec, PlanStep Step, RoleDescriptor Role, AgentId Agent, int Attempt,
    IReadOnlyList<Artifact> Inputs, IReadOnlyList<ToolDescriptor> Tools, IReadOnlyList<AnsweredQuestion> Answers, IReadOnlyList<Artifact> Children)
{
    /// <summary>The first input of that kind, or null.</summary>
    public Artifact? Input(string kind)
    {
        foreach (var input in Inputs)
            if (input.Kind == kind) return input;
        return null;
    }
}

public sealed record AnsweredQuestion(string Question, string Answer);

/// <summary>
/// The only way for an agent to reach a model or a tool. Each call is recorded in the goal's journal; when the attempt is resumed after a crash
/// or a wait, the same sequence of calls gets the recorded answers. Calls of one attempt are made one after another.
/// </summary>
public interface IAgentCalls
{
    /// <summary>Null when no model is configured that serves this need.</summary>
    string? ModelFor(ModelNeed need);

    /// <exception cref="BudgetExceededException">The goal's budget does not allow it.</exception>
    Task<ChatResponse> Ask(ModelNeed need, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken ct);

    /// <summary>Checks scope, schema, budget and policy, claims the effect, runs the tool and writes the receipt.</summary>
    /// <returns>The result, or the reason why there is none; a refusal or bad arguments are answers that the agent can react to.</returns>
    /// <exception cref="StepSuspendedException">A person must decide first. Let it pass: the attempt comes back here.</exception>
    /// <exception cref="ToolException">Transient: the attempt fails and is retried by the step's policy.</exception>
    Task<ToolAnswer> Call(string tool, JsonElement arguments, CancellationToken ct);
}

/// <summary>What became of a tool call.</summary>
/// <param name="Value">Null when <paramref name="Error"/> says why there is none.</param>
public sealed record ToolAnswer(CallId Call, JsonElement? Value, string? Error, Trust Trust)
{
    /// <summary>The value.</summary>
    /// <exception cref="AgentFailedException">The call was refused or failed for good.</exception>
    public JsonElement Require() => Value ?? throw new AgentFailedException(FailureKind.Permanent, Error ?? "The tool returned nothing.");
}

/// <summary>How an attempt ended.</summary>
public abstract record StepOutcome
{
    /// <param name="Value">Obeys the schema of the step's artifact kind.</param>
    /// <param name="Source">A place a person can go to, if the artifact has one.</param>
    /// <param name="Trust">Null: the lowest label of the inputs and of the tool results that the attempt saw.</param>
    public sealed record Completed(
        JsonElement Value, double Confidence, string Tier, Rationale Why, string? Source = null, Trust? Trust = null) : StepOutcome;

    public sealed record Failed(FailureKind Kind, string Error, Rationale? Why = null) : StepOutcome;

    /// <summary>The agent cannot go on without a person.</summary>
    /// <param name="Choices">Empty for free text.</param>
    public sealed record Ask(string Question, IReadOnlyList<string> Choices) : StepOutcome;

    /// <summary>The agent wants helpers; it runs again, with their artifacts, when they ended.</summary>
    public sealed record Spawn(IReadOnlyList<PlanStep> Steps, Rationale Why) : StepOutcome;
}

/// <summary>Runs one attempt at a step, whatever the role.</summary>
public interface IAgent
{
    /// <exception cref="StepSuspendedException">Let through from <paramref name="calls"/>.</exception>
    Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct);
}

/// <summary>The rule tier of a role: does the work without a model, or says that it is not confident.</summary>
public interface IRuleBehaviour
{
    /// <summary>The role and the artifact kinds it can make.</summary>
    string Role { get; }
    IReadOnlyList<string> Produces { get; }

    Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct);
}

/// <summary>The attempt waits for a person; the runtime resumes it.</summary>
public sealed class StepSuspendedException(RequestId request) : Exception($"Waiting for a person to answer {request.Value}.")
{
    public RequestId Request { get; } = request;
}

/// <summary>The agent gave up, with a reason for people.</summary>
public sealed class AgentFailedException(FailureKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public FailureKind Kind { get; } = kind;
}

/// <summary>The next call would overrun the goal's budget.</summary>
public sealed class BudgetExceededException(string message) : Exception(message);
