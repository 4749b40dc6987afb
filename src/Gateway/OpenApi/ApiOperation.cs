using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace AgentMesh.Gateway.OpenApi;

/// <summary>What the API's description says of one route. A route without one, and one without a route, are found by the tests.</summary>
/// <param name="Path">As it is mapped, with its parameters in braces.</param>
/// <param name="Id">Names it in generated clients.</param>
internal sealed record ApiOperation(string Method, string Path, string Tag, string Id, string Summary)
{
    public string? Description { get; init; }
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>The JSON that it takes; null for none.</summary>
    public JsonTypeInfo? Body { get; init; }

    /// <summary>One body that works, as JSON.</summary>
    public string? Example { get; init; }

    /// <summary>Also takes <c>multipart/form-data</c>, with these fields.</summary>
    public JsonObject? Form { get; init; }

    /// <summary>The status of its success.</summary>
    public int Status { get; init; } = 200;
    public string Success { get; init; } = "It worked.";

    /// <summary>The JSON that it answers with; null where it answers with something else or nothing.</summary>
    public JsonTypeInfo? Answer { get; init; }

    /// <summary>Another status with the same body; 0 for none.</summary>
    public int Likewise { get; init; }

    /// <summary>What it answers with where that is not JSON.</summary>
    public string? MediaType { get; init; }

    /// <summary>Statuses of its own problems, beside those that every route has.</summary>
    public IReadOnlyList<int> Problems { get; init; } = [];

    /// <summary>Whether it needs no key.</summary>
    public bool Open { get; init; }
}

/// <param name="In"><c>query</c> or <c>header</c>; those of the path are known from the path.</param>
/// <param name="Schema">JSON Schema, as JSON.</param>
internal sealed record ApiParameter(string Name, string In, string Schema, string Description)
{
    private const string Text = """{"type":"string"}""";

    public static readonly ApiParameter Tenant = Query("tenant", """{"type":"string","maxLength":200}""", "Only of this tenant. Left out: the caller's own, or all for those who may see all.");
    public static readonly ApiParameter Before = Query("before", Text, "The `next` of an earlier page, unchanged.");
    public static readonly ApiParameter Key = new("Idempotency-Key", "header", """{"type":"string","minLength":1,"maxLength":255}""", "Recognises a repeated request: the same key with the same body meets the goal that it made.");
    public static readonly ApiParameter Repeat = Key with { Description = "Recognises a repeated request for an hour: the same key with the same body is done once, and answered as the first was." };
    public static readonly ApiParameter LastEvent = new("Last-Event-ID", "header", Text, "The id of the last event that was seen: the stream goes on behind it.");

    public static ApiParameter Query(string name, string schema, string description) => new(name, "query", schema, description);

    public static ApiParameter Number(string name, long least, long most, long otherwise, string description) =>
        Query(name, string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"type":"integer","minimum":{{least}},"maximum":{{most}},"default":{{otherwise}}}"""), description);

    public static ApiParameter Flag(string name, bool otherwise, string description) => Query(name, $$"""{"type":"boolean","default":{{(otherwise ? "true" : "false")}}}""", description);

    public static ApiParameter Words(string name, string description) => Query(name, Text, description);
}
