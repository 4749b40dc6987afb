using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>How far a value may be believed. Ordered: what derives from several values has the lowest of their labels.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Trust>))]
public enum Trust
{
    /// <summary>Written by someone outside: an email, a fetched page, a retrieved file, a tool's output from such a source.</summary>
    Untrusted,

    /// <summary>Given by the person who submitted the goal, in their own words.</summary>
    User,

    /// <summary>Made by the mesh itself from trusted things only.</summary>
    Trusted,
}

/// <summary>Content kept outside the journal, addressed by its hash.</summary>
/// <param name="Sha256">Lower-case hex of the content's SHA-256.</param>
/// <param name="Bytes">Length in bytes.</param>
/// <param name="MediaType">IANA media type.</param>
public sealed record ContentRef(string Sha256, long Bytes, string MediaType);

/// <summary>Where an artifact came from.</summary>
/// <param name="Step">The step that produced it; null for what was submitted with the goal.</param>
/// <param name="Source">A file name, URI, query or other place a person can go to; null if there is none.</param>
/// <param name="Tier">Who answered: <c>rules</c>, or the model's name; null for what was submitted.</param>
public sealed record Origin(StepId? Step, string? Source, string? Tier);

/// <summary>A typed, stored value that a step consumes or produces.</summary>
public sealed record Artifact
{
    public required ArtifactId Id { get; init; }

    /// <summary>The kind names the value's JSON Schema: <c>email</c>, <c>category</c>, <c>passages</c>, …</summary>
    public required string Kind { get; init; }

    /// <summary>The value, where it is small enough to live in the journal; else <see cref="Content"/> has it.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>The value's bytes (its JSON) where it is too large for the journal.</summary>
    public ContentRef? Content { get; init; }

    /// <summary>The original bytes that a submitted value was read from, if any.</summary>
    public ContentRef? Raw { get; init; }

    /// <summary>Left out on the wire when untrusted: what says nothing of itself is not believed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Trust Trust { get; init; }
    public required Origin Origin { get; init; }
}

/// <summary>Why a decision was taken, so that <c>explain</c> reads facts.</summary>
/// <param name="Reason">One or two plain sentences.</param>
/// <param name="Alternatives">What else was considered, each with why it was not taken.</param>
/// <param name="Evidence">Ids of the artifacts, calls or events that the decision rests on.</param>
[JsonConverter(typeof(RationaleConverter))]
public sealed record Rationale(string Reason, IReadOnlyList<string> Alternatives, IReadOnlyList<string> Evidence)
{
    public static Rationale Because(string reason, params IReadOnlyList<string> evidence) => new(reason, [], evidence);
}
