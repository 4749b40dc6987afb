using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Protocols.Mcp;

/// <summary>The tools of the MCP server, as clients list them: what a goal needs from its submit to its end, and one for each role.</summary>
internal static class McpTools
{
    public const string Submit = "submit_goal", Get = "get_goal", Follow = "follow_goal", Approvals = "list_approvals", Decide = "decide", Answer = "answer", Cancel = "cancel_goal";
    public const string AgentPrefix = "agent_";

    private const string Goal = """ "goal":{"type":"string","description":"The goal's id."} """;
    private const string Request = """ "request":{"type":"string","description":"What is decided or answered, as list_approvals names it."} """;
    private const string Words = """
        "text":{"type":"string","description":"What is wanted, in a sentence or two."},
        "files":{"type":"array","maxItems":32,"items":{"type":"object","properties":{"name":{"type":"string"},"text":{"type":"string"},"base64":{"type":"string"}},"required":["name"],"additionalProperties":false},
          "description":"Mail (.eml), tables (.csv) and texts; each with its text, or its bytes in base64."}
        """;

    private const string Outcome = """
        {"type":"object","properties":{"goal":{"type":"string"},"status":{"type":"string"},"reason":{"type":"string"},"answer":{"type":"string"},"artifacts":{"type":"array","items":{"type":"object"}}},
        "required":["goal","status","reason","answer","artifacts"]}
        """;

    public static JsonArray List(MeshCatalogue catalogue) => new(
    [
        Tool(Submit, "Submits a goal and returns its id at once.", $$"""{ {{Words}},"playbook":{"type":"string","description":"A playbook to follow; leave it out to let the mesh plan."{{Playbooks(catalogue)}}} }""", ["text"]),
        Tool(Get, "Shows how a goal stands, with its result or what it asks.", $$"""{ {{Goal}} }""", ["goal"], Outcome, reads: true),
        Tool(Follow, "Waits until a goal is over or asks a person something, telling its progress meanwhile.", $$"""{ {{Goal}} }""", ["goal"], Outcome, reads: true),
        Tool(Approvals, "Lists what goals ask of people: consents to calls, and questions.", "{ }", [], reads: true),
        Tool(
            Decide, "Decides whether a call that needs a person's consent may be made. Ask the person first.",
            $$"""{ {{Goal}},{{Request}},"verdict":{"enum":["approve","reject","edit"]},"reason":{"type":"string"},"arguments":{"type":"object","description":"For edit: the arguments instead."} }""",
            ["goal", "request", "verdict"]),
        Tool(Answer, "Answers a question that a goal asks.", $$"""{ {{Goal}},{{Request}},"answer":{"type":"string"} }""", ["goal", "request", "answer"]),
        Tool(Cancel, "Cancels a goal.", $$"""{ {{Goal}},"reason":{"type":"string"} }""", ["goal"]),
        .. Agents(catalogue).Select(r => Tool(
            AgentPrefix + r.Name, $"{r.Purpose} Waits for the result and tells the progress meanwhile.",
            $$"""{ {{Words}},"produces":{"enum":[{{string.Join(',', Kinds(r).Select(k => $"\"{k}\""))}}],"description":"What is wanted of it; the first where it is left out."} }""", ["text"], Outcome)),
    ]);

    /// <summary>Whether a call of it is answered with events.</summary>
    public static bool Follows(string tool) => tool == Follow || tool.StartsWith(AgentPrefix, StringComparison.Ordinal);

    /// <summary>Roles that can be asked for something by name.</summary>
    public static IEnumerable<RoleDescriptor> Agents(MeshCatalogue catalogue) => catalogue.Roles.Values.Where(r => r.Capabilities.Count > 0).OrderBy(r => r.Name, StringComparer.Ordinal);

    public static IReadOnlyList<string> Kinds(RoleDescriptor role) => [.. role.Capabilities.Select(c => c.Produces).Distinct(StringComparer.Ordinal)];

    private static string Playbooks(MeshCatalogue catalogue) =>
        catalogue.Playbooks.Count == 0 ? "" : $",\"enum\":[{string.Join(',', catalogue.Playbooks.Keys.Order(StringComparer.Ordinal).Select(p => $"\"{p}\""))}]";

    private static JsonObject Tool(string name, string description, string properties, IReadOnlyList<string> required, string? output = null, bool reads = false)
    {
        var tool = new JsonObject
        {
            ["name"] = name,
            ["description"] = description,
            ["inputSchema"] = new JsonObject
            {
                ["type"] = "object", ["properties"] = JsonNode.Parse(properties), ["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]), ["additionalProperties"] = false,
            },
            ["annotations"] = new JsonObject { ["readOnlyHint"] = reads, ["openWorldHint"] = !reads },
        };
        if (output is not null) tool["outputSchema"] = JsonNode.Parse(output);
        return tool;
    }
}
