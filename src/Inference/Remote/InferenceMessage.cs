using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Inference.Remote;

/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, or what an engine calls it.</param>
public sealed record InferenceMessage(string Role, IReadOnlyList<InferencePart> Parts, string? Author = null, string? Id = null);

/// <summary>A piece of a message. What no engine of ours reads (hosted files, approvals, …) has no form here and is refused when a request is made.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Text), "text")]
[JsonDerivedType(typeof(Reasoning), "reasoning")]
[JsonDerivedType(typeof(Call), "call")]
[JsonDerivedType(typeof(Result), "result")]
[JsonDerivedType(typeof(Data), "data")]
[JsonDerivedType(typeof(Link), "link")]
public abstract record InferencePart
{
    private InferencePart()
    {
    }

    public sealed record Text(string Value) : InferencePart;

    /// <param name="Protected">Opaque to us; the engine that wrote it wants it back.</param>
    public sealed record Reasoning(string Value, string? Protected = null) : InferencePart;

    /// <param name="Arguments">Null where the model's text was not one JSON object.</param>
    /// <param name="Raw">What the model wrote then.</param>
    /// <param name="Error">And what is wrong with it.</param>
    public sealed record Call(
        string Id, string Name, IReadOnlyDictionary<string, JsonElement>? Arguments = null, string? Raw = null, string? Error = null) : InferencePart;

    /// <param name="Id">Of the call that this answers.</param>
    public sealed record Result(string Id, JsonElement? Value = null, string? Error = null) : InferencePart;

    /// <param name="Uri">A <c>data:</c> URI.</param>
    public sealed record Data(string Uri, string? Name = null) : InferencePart;

    public sealed record Link(string Uri, string MediaType) : InferencePart;
}
