using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Models;

/// <summary>What an engine may make use of and an endpoint need not know.</summary>
public static class ModelHints
{
    private const string CallExpected = "agentmesh_call_expected";

    /// <summary>
    /// Only a tool call is of use as the answer: an engine that can hold the model to one does so. Unlike <see cref="ChatToolMode.RequireAny"/>, which some endpoints
    /// refuse, it asks nothing of those that cannot.
    /// </summary>
    public static ChatOptions ExpectCall(this ChatOptions options)
    {
        (options.AdditionalProperties ??= [])[CallExpected] = true;
        return options;
    }

    public static bool ExpectsCall(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(CallExpected, out var value) == true && value is true or JsonElement { ValueKind: JsonValueKind.True };
}
