using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>An id that is one string on the wire.</summary>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    string Value { get; }
    static abstract TSelf From(string value);
}

/// <summary>Names one goal, for ever. Sortable by submission time when made by the mesh.</summary>
[JsonConverter(typeof(IdConverter<GoalId>))]
public readonly record struct GoalId(string Value) : IId<GoalId>
{
    public static GoalId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>Names one step within its goal, over all plan versions: a completed step's id is never given to other work.</summary>
[JsonConverter(typeof(IdConverter<StepId>))]
public readonly record struct StepId(string Value) : IId<StepId>
{
    public static StepId From(string value) => new(value);
    public override string ToString() => Value;

    /// <summary>The artifact that this step produces carries the step's own name.</summary>
    public ArtifactId Artifact => new(Value);
}

/// <summary>Names one artifact within its goal: a step's id for what the step produced, <c>in-1</c>… for what was submitted.</summary>
[JsonConverter(typeof(IdConverter<ArtifactId>))]
public readonly record struct ArtifactId(string Value) : IId<ArtifactId>
{
    public static ArtifactId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>Names one running instance of a role: <c>goal/role/n</c>.</summary>
[JsonConverter(typeof(IdConverter<AgentId>))]
public readonly record struct AgentId(string Value) : IId<AgentId>
{
    public static AgentId From(string value) => new(value);
    public static AgentId Of(GoalId goal, string role, int number) => new($"{goal.Value}/{role}/{number}");
    public override string ToString() => Value;
}

/// <summary>Names one model or tool call: <c>step/n</c>, unique within the goal. <c>goal/step/n</c> is the idempotency key.</summary>
[JsonConverter(typeof(IdConverter<CallId>))]
public readonly record struct CallId(string Value) : IId<CallId>
{
    public static CallId From(string value) => new(value);
    public static CallId Of(StepId step, int number) => new($"{step.Value}/{number}");
    public override string ToString() => Value;
}

/// <summary>Names one thing asked of a person (an approval or a question) within its goal.</summary>
[JsonConverter(typeof(IdConverter<RequestId>))]
public readonly record struct RequestId(string Value) : IId<RequestId>
{
    public static RequestId From(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>Writes an id as its bare string, also as a dictionary key.</summary>
public sealed class IdConverter<T> : JsonConverter<T> where T : struct, IId<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.From(reader.GetString() ?? throw new JsonException($"A {typeof(T).Name} is a string."));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.From(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);
}
