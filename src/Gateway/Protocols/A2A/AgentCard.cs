using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.A2A;

/// <summary>Who this agent is, for other agents. Everybody may read what it is; which playbooks it has is for its callers.</summary>
internal static class AgentCard
{
    /// <param name="playbooks">Null in the card for everybody.</param>
    public static JsonObject Of(HttpRequest request, IEnumerable<Playbook>? playbooks) => new()
    {
        ["name"] = "AgentMesh",
        ["description"] = "A team of agents that carries out goals: it plans, works, asks people where their consent is needed, and explains what it did.",
        ["version"] = "1.0.0",
        ["supportedInterfaces"] = new JsonArray(new JsonObject
        {
            ["url"] = $"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}{A2AEndpoint.Path}", ["protocolBinding"] = "JSONRPC", ["protocolVersion"] = "1.0",
        }),
        ["capabilities"] = new JsonObject { ["streaming"] = true, ["pushNotifications"] = false, ["extendedAgentCard"] = true },
        ["defaultInputModes"] = Texts("text/plain", "message/rfc822", "text/csv", "text/markdown"),
        ["defaultOutputModes"] = Texts("text/plain", "application/json"),
        ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["httpAuthSecurityScheme"] = new JsonObject { ["scheme"] = "Bearer", ["description"] = "An API key of AgentMesh, or a token of its identity provider." } } },
        ["securityRequirements"] = new JsonArray(new JsonObject { ["schemes"] = new JsonObject { ["key"] = new JsonObject { ["list"] = new JsonArray() } } }),
        ["skills"] = new JsonArray(
        [
            Skill("goal", "Any goal", "Say in a sentence what is wanted; files may be attached. The mesh makes the plan.", "goal"),
            .. (playbooks ?? []).OrderBy(p => p.Name, StringComparer.Ordinal)
                .Select(p => Skill($"playbook-{p.Name}", p.Name, $"{p.Description} Name it as `playbook` in the message's metadata.", "playbook")),
        ]),
    };

    private static JsonObject Skill(string id, string name, string description, string tag) => new() { ["id"] = id, ["name"] = name, ["description"] = description, ["tags"] = Texts(tag) };

    private static JsonArray Texts(params IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
