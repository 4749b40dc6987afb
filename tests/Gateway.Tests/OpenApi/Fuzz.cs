using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentMesh.Gateway.Tests.OpenApi;

/// <summary>Makes requests that are nearly right: from the API's description, each value now and then replaced by what no server should stumble over.</summary>
internal sealed class Fuzz(JsonElement api, int seed, IReadOnlyDictionary<string, string[]> known)
{
    private static readonly string[] Texts =
    [
        "\"\"", "\" \"", "\"a\\r\\nSet-Cookie: x=1\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"𝒳😀\"", "\"../../etc/passwd\"", "\"' OR 1=1 --\"", "\"%00%ff\"", "\"<script>\"", "\"{{7*7}}\"",
    ];

    private static readonly string[] Odd =
    [
        "null", "true", "0", "-1", "1e400", "-1e-400", "99999999999999999999999999", "9223372036854775808", "2147483648", "1.5", "-0", "[]", "{}", "[null]", """{"a":1,"a":2}""", """{"":{}}""", "NaN", "01", "'x'", "\"", "[", "}",
    ];

    private static readonly string[] InUrls =
    [
        "", "%00", "%0d%0aX-Evil:%201", "%ff%fe", "%c0%af", "%ed%a0%80", "..%2f..%2f", "%F0%9F%98%80", "-1", "0", "1e9", "99999999999999999999", "true", "null", "'", "%25s%25n", "a b".Replace(" ", "%20", StringComparison.Ordinal), "%E2%80%AE", "[]", "2026-02-30", "9999-12-31", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00",
    ];

    private static readonly JsonElement Nowhere = JsonDocument.Parse("""{"responses":{"200":{}}}""").RootElement;

    private readonly Random random = new(seed);
    private readonly List<(string Method, string Path, JsonElement Operation)> operations =
        [.. api.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (o.Name.ToUpperInvariant(), p.Name, o.Value)))];

    /// <returns>The request as it goes over the wire, and the operation that it is meant for.</returns>
    public (byte[] Request, JsonElement Operation, string Name) Next()
    {
        var (method, path, operation) = operations[random.Next(operations.Count)];
        // What is no route at all: the dashboard's, or nobody's.
        if (Is(50)) (method, path, operation) = ("GET", $"/{(Is(2) ? "v1/" : "")}{InUrl()}", Nowhere);
        var query = new StringBuilder();
        var head = new StringBuilder();
        foreach (var parameter in operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : [])
        {
            var name = parameter.GetProperty("name").GetString()!;
            switch (parameter.GetProperty("in").GetString())
            {
                case "path": path = path.Replace($"{{{name}}}", Is(3) ? InUrl() : Pick(known[name]), StringComparison.Ordinal); break;
                case "query" when Is(2): query.Append(CultureInfo.InvariantCulture, $"{(query.Length == 0 ? '?' : '&')}{name}={(Is(2) ? InUrl() : Good(parameter.GetProperty("schema")))}"); break;
                case "header" when Is(3): head.Append(CultureInfo.InvariantCulture, $"{name}: {(Is(2) ? Pick("", "x", "-1", "99999999999999999999", "a\tb", "\u00e9", "\u0001", new string('k', 300)) : random.Next(20))}\r\n"); break;
            }
        }

        if (Is(20)) query.Append(query.Length == 0 ? '?' : '&').Append(InUrl()).Append('=').Append(InUrl());
        var body = operation.TryGetProperty("requestBody", out var bodies) ? Body(bodies.GetProperty("content").GetProperty("application/json"), head) : [];
        var text = $"{(Is(200) ? "PATCH" : method)} {path}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {body.Length}\r\n{head}\r\n";
        return ([.. Encoding.Latin1.GetBytes(text), .. body], operation, $"{method} {path}{query}");
    }

    private byte[] Body(JsonElement content, StringBuilder head)
    {
        head.Append(CultureInfo.InvariantCulture, $"Content-Type: {(Is(30) ? Pick("text/plain", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "multipart/form-data", "", "application/x-www-form-urlencoded") : "application/json")}\r\n");
        if (Is(40)) return [];
        var json = Is(4) ? content.GetProperty("example").GetRawText() : Value(content.GetProperty("schema"), 0);
        if (Is(40)) json = string.Concat(Enumerable.Repeat(Pick("[", "{\"a\":"), random.Next(50, 5000)));
        var bytes = Encoding.UTF8.GetBytes(json);
        if (Is(15) && bytes.Length > 0)
        {
            // One byte that is no UTF-8, or an end too early.
            if (Is(2)) bytes[random.Next(bytes.Length)] = (byte)random.Next(0x80, 0x100);
            else bytes = bytes[..random.Next(bytes.Length)];
        }

        return bytes;
    }

    private string Value(JsonElement schema, int depth)
    {
        if (Is(12)) return Pick(Pick(Odd, Texts));
        if (schema.TryGetProperty("$ref", out var reference)) return Value(api.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), depth);
        if (schema.TryGetProperty("enum", out var names)) return Pick([.. names.EnumerateArray().Select(n => n.GetRawText())]);
        if (schema.TryGetProperty("anyOf", out var choices)) return Value(Pick([.. choices.EnumerateArray()]), depth);
        var type = !schema.TryGetProperty("type", out var given) ? "any" : given.ValueKind == JsonValueKind.String ? given.GetString()! : given[random.Next(given.GetArrayLength())].GetString()!;
        return type switch
        {
            "object" => Object(schema, depth),
            "array" => $"[{string.Join(',', Enumerable.Range(0, depth > 6 ? 0 : random.Next(3)).Select(_ => Value(schema.GetProperty("items"), depth + 1)))}]",
            "integer" => Pick("1", "3", "0", "100", "2147483647", "-2147483648"),
            "number" => Pick("0.5", "1", "1e3", "7.9e27"),
            "boolean" => Pick("true", "false"),
            "string" => Is(3) ? Pick(Texts) : Pick("\"work\"", "\"ask\"", "\"a\"", "\"aGVsbG8=\"", "\"00:00:10\"", "\"approve\"", "\"10675199.02:48:05.4775807\"", "\"-1.00:00:00\"", $"\"{new string('y', Is(20) ? 200_000 : 300)}\""),
            "null" => "null",
            _ => Pick(Odd),
        };
    }

    private string Object(JsonElement schema, int depth)
    {
        if (!schema.TryGetProperty("properties", out var properties)) return "{}";
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        var parts = properties.EnumerateObject().Where(p => required.Contains(p.Name) ? !Is(20) : Is(3)).Select(p => $"\"{p.Name}\":{Value(p.Value, depth + 1)}").ToList();
        if (parts.Count > 0 && Is(20)) parts.Add(parts[0]);
        if (Is(30)) parts.Add("\"unknown\":1");
        return $"{{{string.Join(',', parts)}}}";
    }

    private string Good(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? "x" : type.GetString() switch
    {
        "integer" => random.Next(1, 60).ToString(CultureInfo.InvariantCulture),
        "boolean" => Pick("true", "false"),
        "array" => Pick("Waiting", "Completed,Failed"),
        _ => Pick("work", "2026-03-01", "2026-03-01T12:00:00Z", "default"),
    };

    private string InUrl() => Is(15) ? new string('z', random.Next(200, 6000)) : Pick(InUrls);

    private bool Is(int oneIn) => random.Next(oneIn) == 0;

    private T Pick<T>(params IReadOnlyList<T> values) => values[random.Next(values.Count)];
}
