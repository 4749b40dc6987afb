using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools.Knowledge;

internal sealed record KnowledgeArguments(string Query, IReadOnlyList<string>? Collections = null, int? Limit = null);

/// <summary>The value of a <c>passages</c> artifact.</summary>
internal sealed record KnowledgeResult(string Query, IReadOnlyList<Passage> Passages);

/// <summary><c>knowledge.search</c>: passages from the tenant's documents.</summary>
public sealed class KnowledgeSearchTool(IKnowledge knowledge) : ITool
{
    public const string Name = "knowledge.search";
    private const int DefaultLimit = 5;

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Searches the knowledge base and returns the best passages with document and offsets, so that they can be quoted and cited.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
    };

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.KnowledgeArguments);
        var passages = await knowledge.Search(call.Tenant, arguments.Collections ?? [], arguments.Query, arguments.Limit ?? DefaultLimit, ct);
        return ToolArguments.Result(new(arguments.Query, passages), ToolJson.Default.KnowledgeResult);
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["query"],
          "properties": {
            "query": { "type": "string", "minLength": 1, "maxLength": 4000 },
            "collections": { "type": "array", "maxItems": 50, "items": { "type": "string" }, "description": "All of the tenant's when absent or empty" },
            "limit": { "type": "integer", "minimum": 1, "maximum": 50, "description": "Most passages to return; 5 by default" }
          }
        }
        """);
}
