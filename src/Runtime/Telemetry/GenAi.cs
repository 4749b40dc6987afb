namespace AgentMesh.Runtime.Telemetry;

/// <summary>Names of OpenTelemetry's semantic conventions for generative AI, version 1.41.</summary>
internal static class GenAi
{
    public const string Operation = "gen_ai.operation.name", Provider = "gen_ai.provider.name", Conversation = "gen_ai.conversation.id";
    public const string AgentName = "gen_ai.agent.name", AgentId = "gen_ai.agent.id", Workflow = "gen_ai.workflow.name", OutputType = "gen_ai.output.type";
    public const string RequestModel = "gen_ai.request.model", MaxTokens = "gen_ai.request.max_tokens", Temperature = "gen_ai.request.temperature", TopP = "gen_ai.request.top_p";
    public const string ResponseModel = "gen_ai.response.model", ResponseId = "gen_ai.response.id", FinishReasons = "gen_ai.response.finish_reasons";
    public const string InputTokens = "gen_ai.usage.input_tokens", OutputTokens = "gen_ai.usage.output_tokens", TokenType = "gen_ai.token.type";
    public const string CacheReadTokens = "gen_ai.usage.cache_read.input_tokens", ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
    public const string ToolName = "gen_ai.tool.name", ToolCallId = "gen_ai.tool.call.id", ToolType = "gen_ai.tool.type", ToolDescription = "gen_ai.tool.description";
    public const string InputMessages = "gen_ai.input.messages", OutputMessages = "gen_ai.output.messages", ToolArguments = "gen_ai.tool.call.arguments", ToolResult = "gen_ai.tool.call.result";
    public const string ServerAddress = "server.address", ServerPort = "server.port", ErrorType = "error.type";

    public const string Chat = "chat", InvokeAgent = "invoke_agent", InvokeWorkflow = "invoke_workflow", ExecuteTool = "execute_tool";

    /// <summary>Defined after version 1.41; told only where the newest conventions are asked for.</summary>
    public const string Plan = "plan";

    /// <summary>Who serves an agent, and a model where its client does not say.</summary>
    public const string Mesh = "agentmesh";
}
