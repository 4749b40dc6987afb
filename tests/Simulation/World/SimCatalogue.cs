using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Simulation;

/// <summary>One role with every tool, and tools of every effect with and without consent.</summary>
internal static class SimCatalogue
{
    public static readonly ToolDescriptor Look = Tool("look", ToolEffect.Pure);
    public static readonly ToolDescriptor Put = Tool("put", ToolEffect.Idempotent);
    public static readonly ToolDescriptor Send = Tool("send", ToolEffect.Once);
    public static readonly ToolDescriptor Pay = Tool("pay", ToolEffect.Once);
    public static readonly ToolDescriptor File = Tool("file", ToolEffect.Idempotent, ToolApproval.Always);
    public static readonly ToolDescriptor Mail = Tool("mail", ToolEffect.Once, ToolApproval.Always);

    public static readonly ToolDescriptor[] Tools = [Look, Put, Send, Pay, File, Mail];

    /// <summary>The one whose service can be asked what became of a call.</summary>
    public static bool HasProbe(ToolDescriptor tool) => tool == Pay;

    public static ToolDescriptor Of(string tool) => Array.Find(Tools, t => t.Name == tool)!;

    public static readonly RuntimeOptions Options = new() { DefaultAnswerTokens = 200 };

    public static readonly MeshCatalogue Catalogue = MeshCatalogue.Empty with
    {
        Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal)
        {
            ["worker"] = new() { Name = "worker", Purpose = "works", Tools = [.. Tools.Select(t => t.Name), "gone"] },
        },
        Tools = Tools.ToDictionary(t => t.Name, StringComparer.Ordinal),
    };

    private static ToolDescriptor Tool(string name, ToolEffect effect, ToolApproval approval = ToolApproval.Never) => new()
    {
        Name = name, Description = name, Parameters = SimJson.ArgumentsSchema, Result = SimJson.ResultSchema, Effect = effect, Approval = approval, Returns = Trust.Trusted,
    };
}

internal sealed class NoContent : IContentStore
{
    public static readonly NoContent Instance = new();

    public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct) => throw new NotSupportedException();

    public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => throw new NotSupportedException();
}
