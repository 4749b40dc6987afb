using System.Text.Json;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>What the text of a tool call must obey, as data for constrained decoding.</summary>
/// <param name="Triggers">
/// A call begins where the answer's free text comes to one of these. The shapes cover the trigger's own text: it is to be fed to them first.
/// Where a call is required, the shapes hold from the answer's first character.
/// </param>
/// <param name="StartOnly">A trigger counts only at the answer's start.</param>
/// <param name="Calls">One for each tool, in the tools' order.</param>
public sealed record ToolCallGrammar(IReadOnlyList<string> Triggers, bool StartOnly, IReadOnlyList<ToolCallShape> Calls);

/// <summary>One tool's call: <paramref name="Before"/>, then JSON that obeys <paramref name="Schema"/>, then <paramref name="After"/>.</summary>
/// <param name="Before">Exact text, control tokens' names among it.</param>
public sealed record ToolCallShape(string Tool, string Before, JsonElement Schema, string After);
