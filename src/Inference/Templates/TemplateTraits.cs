namespace AgentMesh.Inference.Templates;

/// <summary>What a template can say, learnt by rendering small conversations with it.</summary>
/// <param name="System">It writes a system message at the start.</param>
/// <param name="LateSystem">It writes system messages anywhere.</param>
/// <param name="Tools">It writes tools, calls and results, and calls are parsed in its model's own form.</param>
/// <param name="ParallelCalls">A message may have several calls.</param>
/// <param name="TextArguments">It wants a call's arguments as JSON text, not as a mapping.</param>
/// <param name="NoneContent">It wants none as the content of a message that has only calls.</param>
/// <param name="ShortIds">It takes only ids of nine letters and digits for calls.</param>
/// <param name="RepeatedUsers">Two user messages may follow each other.</param>
internal sealed record TemplateTraits(
    bool System = true, bool LateSystem = true, bool Tools = false, bool ParallelCalls = true,
    bool TextArguments = false, bool NoneContent = false, bool ShortIds = false, bool RepeatedUsers = true);
