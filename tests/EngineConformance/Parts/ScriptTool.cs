using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>A tool whose effect the world counts, and that stops at gates before and after it where its arguments say so.</summary>
public class ScriptTool(IWorld world, string name, ToolEffect effect, ToolApproval approval = ToolApproval.Never) : ITool
{
    /// <summary>Changes nothing.</summary>
    public const string Look = "look";

    /// <summary>Idempotent.</summary>
    public const string Put = "put";

    /// <summary>Once, and the world can be asked what became of it.</summary>
    public const string Send = "send";

    /// <summary>Once, and only a person can tell what became of it.</summary>
    public const string Post = "post";

    /// <summary>Once, and only with a person's consent.</summary>
    public const string Mail = "mail";

    private static readonly JsonElement Schema = MeshJson.Parse(
        """
        {"type":"object","properties":{"text":{"type":"string"},"before":{"type":"string"},"after":{"type":"string"}},
         "required":["text"],"additionalProperties":false}
        """);

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = name, Description = $"The scripted tool {name}.", Parameters = Schema, Effect = effect, Approval = approval, Returns = Trust.Trusted,
    };

    protected IWorld World => world;

    public static IReadOnlyList<ITool> All(IWorld world) =>
    [
        new ScriptTool(world, Look, ToolEffect.Pure),
        new ScriptTool(world, Put, ToolEffect.Idempotent),
        new ProbedTool(world, Send),
        new ScriptTool(world, Post, ToolEffect.Once),
        new ProbedTool(world, Mail, ToolApproval.Always),
    ];

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var text = call.Arguments.GetProperty("text").GetString()!;
        if (call.Arguments.TryGetProperty("before", out var before)) await world.Pass($"{call.Goal}/{before.GetString()}", ct);
        if (Descriptor.Effect != ToolEffect.Pure) await world.Do(call.Key, Descriptor.Name, text, ct);
        if (call.Arguments.TryGetProperty("after", out var after)) await world.Pass($"{call.Goal}/{after.GetString()}", ct);
        return Result(text);
    }

    protected static ToolResult Result(string text) => new(MeshJson.Parse($$"""{"text":"{{JsonEncodedText.Encode(text)}}"}"""));
}

/// <summary>A tool with effect <c>once</c> whose world can be asked.</summary>
public sealed class ProbedTool(IWorld world, string name, ToolApproval approval = ToolApproval.Never)
    : ScriptTool(world, name, ToolEffect.Once, approval), IReconcilableTool
{
    public async Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct) => await World.Happened(call.Key, ct)
        ? new Reconciliation.Happened(Result(call.Arguments.GetProperty("text").GetString()!))
        : new Reconciliation.DidNotHappen();
}
