using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace AgentMesh.Gateway.OpenApi;

/// <summary>The API's description as OpenAPI 3.1, made once from the operations and from the contracts of what they take and give.</summary>
internal static partial class ApiDocument
{
    private const string Problem = "application/problem+json";

    /// <summary>Problems that any route may answer with.</summary>
    private static readonly int[] Everywhere = [400, 401, 403, 429, 500, 503];

    private static readonly Dictionary<int, string> Meanings = new()
    {
        [400] = "The request cannot be read, or a parameter has a value that is not taken.", [401] = "There is no valid key or token.", [403] = "The caller's roles do not allow it.",
        [404] = "There is no such thing, or not for this caller.", [409] = "It does not fit what has happened meanwhile.", [413] = "The body is larger than is taken.",
        [415] = "The body is not of a type that is taken.", [422] = "It was understood and cannot be carried out as given.",
        [429] = "Too many requests; `Retry-After` says when to come back.", [500] = "Something broke in the server.", [503] = "Something that is needed is away; try again after `Retry-After`.",
    };

    public static byte[] Write(IReadOnlyList<ApiOperation> operations)
    {
        var schemas = new ApiSchemas();
        // What is taken is described first: where a type is also given, the stricter description holds for both.
        foreach (var body in operations.Select(o => o.Body).OfType<System.Text.Json.Serialization.Metadata.JsonTypeInfo>()) schemas.Of(body);
        var problem = schemas.Of(GatewayJson.Default.Problem);
        var paths = new JsonObject();
        foreach (var path in operations.GroupBy(o => o.Path, StringComparer.Ordinal))
            paths[path.Key] = new JsonObject(path.Select(o => KeyValuePair.Create(o.Method.ToLowerInvariant(), (JsonNode?)Of(o, schemas))));

        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "AgentMesh", ["version"] = "1", ["summary"] = "Teams of agents that survive crashes and ask before they act.",
                ["description"] = "Submit goals, follow them, decide what they ask, and see why they did what they did. Errors are RFC 9457 problems; tell them apart by `code`.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "This server." }),
            ["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() }),
            ["tags"] = new JsonArray([.. ApiOperations.Tags.Select(t => (JsonNode)new JsonObject { ["name"] = t.Name, ["description"] = t.Description })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key (`am_…`) or a token of the configured issuer. A server that listens on loopback only may ask for none." },
                },
                ["responses"] = new JsonObject(Meanings.OrderBy(m => m.Key).Select(m => KeyValuePair.Create(Name(m.Key), (JsonNode?)new JsonObject
                {
                    ["description"] = m.Value,
                    ["content"] = new JsonObject { [Problem] = new JsonObject { ["schema"] = problem.DeepClone() } },
                }))),
                ["schemas"] = schemas.Named,
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(document, GatewayJson.Default.JsonObject);
    }

    private static JsonObject Of(ApiOperation operation, ApiSchemas schemas)
    {
        var json = new JsonObject { ["operationId"] = operation.Id, ["summary"] = operation.Summary, ["tags"] = new JsonArray(operation.Tag) };
        if (operation.Description is { } description) json["description"] = description;
        if (operation.Open) json["security"] = new JsonArray();
        var parameters = PathParameters().Matches(operation.Path).Select(m => Parameter(m.Groups["name"].Value, "path", new JsonObject { ["type"] = "string" }, ApiOperations.PathParameters[m.Groups["name"].Value]))
            .Concat(operation.Parameters.Select(p => Parameter(p.Name, p.In, JsonNode.Parse(p.Schema)!, p.Description))).ToArray();
        if (parameters.Length > 0) json["parameters"] = new JsonArray(parameters);
        if (operation.Body is { } body)
        {
            var content = new JsonObject { ["schema"] = schemas.Of(body) };
            if (operation.Example is { } example) content["example"] = JsonNode.Parse(example);
            var bodies = new JsonObject { ["application/json"] = content };
            if (operation.Form is { } form) bodies["multipart/form-data"] = new JsonObject { ["schema"] = form.DeepClone() };
            json["requestBody"] = new JsonObject { ["required"] = true, ["content"] = bodies };
        }

        json["responses"] = Responses(operation, schemas);
        return json;
    }

    private static JsonObject Responses(ApiOperation operation, ApiSchemas schemas)
    {
        var success = new JsonObject { ["description"] = operation.Success };
        if (operation.Answer is { } answer) success["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schemas.Of(answer) } };
        else if (operation.MediaType is { } type) success["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } };
        var responses = new JsonObject { [Status(operation.Status)] = success };
        if (operation.Likewise > 0) responses[Status(operation.Likewise)] = success.DeepClone();
        int[] taken = operation.Body is null ? [] : [413, 415, 422];
        foreach (var status in Everywhere.Except(operation.Open ? [401, 403] : []).Concat(taken).Concat(operation.Problems).Distinct().Order())
            responses.TryAdd(Status(status), new JsonObject { ["$ref"] = $"#/components/responses/{Name(status)}" });
        return responses;
    }

    private static JsonNode Parameter(string name, string place, JsonNode schema, string description)
    {
        var json = new JsonObject { ["name"] = name, ["in"] = place, ["description"] = description, ["schema"] = schema };
        if (place == "path") json["required"] = true;
        return json;
    }

    private static string Status(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static string Name(int status) => ReasonPhrases.GetReasonPhrase(status).Replace(" ", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PathParameters();
}
