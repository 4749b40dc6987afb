using System.Globalization;
using System.Text.Json.Nodes;

namespace AgentMesh.Inference.Grammars;

/// <summary>Schemas by chance, each with a way to make values of it in the compact form that grammars write.</summary>
internal sealed class RandomSchema
{
    private static readonly string[] Names = ["a", "b", "id", "name", "ünï", "q\"uote", "back\\slash", "items", "x y", "a/b", "tag"];

    private readonly Random random;
    private readonly JsonObject definitions = [];
    private Func<Random, int, string> node = (_, _) => "null";

    public RandomSchema(int seed)
    {
        random = new(seed);
        var (schema, value) = Make(random.Next(1, 4));
        if (definitions.Count > 0)
        {
            if (schema.ContainsKey("$ref")) schema = new() { ["allOf"] = new JsonArray(schema) };
            schema["$defs"] = definitions;
        }

        Text = schema.ToJsonString();
        Value = r => value(r, 0);
    }

    public string Text { get; }

    public Func<Random, string> Value { get; }

    private (JsonObject Schema, Func<Random, int, string> Value) Make(int depth) => random.Next(depth > 0 ? 15 : 8) switch
    {
        0 => (new() { ["type"] = "boolean" }, (r, _) => r.Next(2) == 0 ? "true" : "false"),
        1 => (new() { ["type"] = "null" }, (_, _) => "null"),
        2 => Whole(),
        3 => Number(),
        4 or 5 => String(),
        6 => Patterned(),
        7 => Values(),
        8 or 9 or 10 => Object(depth),
        11 or 12 => Array(depth),
        13 => Options(depth),
        _ => depth > 1 && random.Next(2) == 0 ? Recursive() : Both(depth),
    };

    private (JsonObject, Func<Random, int, string>) Whole()
    {
        var schema = new JsonObject { ["type"] = "integer" };
        var (low, high) = (random.Next(-3000, 1000), 0);
        high = low + random.Next(0, 5000);
        if (random.Next(3) == 0) return (schema, (r, _) => r.Next(-100_000, 100_000).ToString(CultureInfo.InvariantCulture));
        var step = random.Next(4) == 0 ? random.Next(1, 12) : 1;
        if (step > 1) (schema["multipleOf"], high) = (step, high + step);
        schema["minimum"] = low;
        if (random.Next(2) == 0) schema["maximum"] = high;
        else schema["exclusiveMaximum"] = high + 1;
        return (schema, (r, _) =>
        {
            var value = r.Next(low, high + 1);
            value -= ((value % step) + step) % step;
            return (value < low ? value + step : value).ToString(CultureInfo.InvariantCulture);
        });
    }

    private (JsonObject, Func<Random, int, string>) Number()
    {
        var schema = new JsonObject { ["type"] = "number" };
        if (random.Next(3) == 0) return (schema, (r, _) => r.Next(2) == 0 ? Plain(r.Next(-9999, 9999), r.Next(0, 4)) : $"{r.Next(1, 9)}e{r.Next(-20, 20)}");
        var low = random.Next(-500, 500);
        var high = low + random.Next(1, 900);
        schema["minimum"] = low / 100m;
        schema[random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = high / 100m;
        return (schema, (r, _) => Plain(r.Next(low * 10, high * 10), 3));
    }

    private static string Plain(int scaled, int places)
    {
        var text = (scaled / (decimal)Math.Pow(10, places)).ToString($"F{places}", CultureInfo.InvariantCulture);
        return scaled == 0 ? "0" : text;
    }

    private (JsonObject, Func<Random, int, string>) String()
    {
        var schema = new JsonObject { ["type"] = "string" };
        var (min, max) = (0, 30);
        if (random.Next(3) == 0) schema["minLength"] = min = random.Next(0, 5);
        if (random.Next(3) == 0) schema["maxLength"] = max = min + random.Next(0, 20);
        return (schema, (r, _) => Quoted(r, r.Next(min, Math.Min(max, min + 12) + 1)));
    }

    private static string Quoted(Random r, int length)
    {
        string[] pieces = ["a", "Z", " ", "é", "中", "😀", "\\\"", "\\\\", "\\n", "\\u00e9", "\\/", "0", "{", "]", ",", "\u007f"];
        return $"\"{string.Concat(Enumerable.Range(0, length).Select(_ => pieces[r.Next(pieces.Length)]))}\"";
    }

    private (JsonObject, Func<Random, int, string>) Patterned()
    {
        (string Keyword, string Rule, Func<Random, string> Make)[] known =
        [
            ("pattern", "^[a-z][a-z0-9-]{0,8}$", r => "k" + r.Next(0, 999)),
            ("pattern", "^(ab|c)+$", r => string.Concat(Enumerable.Repeat("ab", r.Next(1, 5))) + "c"),
            ("pattern", "\\d{2}", r => "x" + r.Next(10, 99) + "y"),
            ("pattern", "^\\S+ \\w*$", r => "q" + " " + r.Next(9)),
            ("format", "date", r => $"20{r.Next(10, 99)}-0{r.Next(1, 10)}-{r.Next(10, 29)}"),
            ("format", "date-time", r => $"1999-12-31T23:59:{r.Next(10, 60)}Z"),
            ("format", "uuid", _ => "0123abcd-0000-4000-8000-0123456789ab"),
            ("format", "email", r => $"a{r.Next(99)}@example.org"),
        ];
        var (keyword, rule, make) = known[random.Next(known.Length)];
        return (new() { ["type"] = "string", [keyword] = rule }, (r, _) => $"\"{make(r)}\"");
    }

    private (JsonObject, Func<Random, int, string>) Values()
    {
        string[] all = ["\"red\"", "\"green\"", "\"gr\"", "1", "-2.5", "null", "true", "\"é\\\"\"", "[1,2]", "{\"k\":\"v\"}"];
        var some = all.OrderBy(_ => random.Next()).Take(random.Next(1, 5)).ToArray();
        var schema = some.Length == 1
            ? new JsonObject { ["const"] = JsonNode.Parse(some[0]) }
            : new JsonObject { ["enum"] = new JsonArray([.. some.Select(s => JsonNode.Parse(s))]) };
        return (schema, (r, _) => some[r.Next(some.Length)]);
    }

    private (JsonObject, Func<Random, int, string>) Object(int depth)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        var members = new List<(string Name, bool Required, Func<Random, int, string> Value)>();
        foreach (var name in Names.OrderBy(_ => random.Next()).Take(random.Next(0, 5)))
        {
            var (schema, value) = Make(depth - 1);
            properties[name] = schema;
            var needed = random.Next(3) > 0;
            if (needed) required.Add(JsonValue.Create(name));
            members.Add((name, needed, value));
        }

        var result = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        Func<Random, int, string>? extra = null;
        switch (random.Next(4))
        {
            case 0: result["additionalProperties"] = false; break;
            case 1:
                var (schema, value) = Make(0);
                (result["additionalProperties"], extra) = (schema, value);
                break;
        }

        return (result, (r, d) =>
        {
            var written = members.Where(m => m.Required || r.Next(2) == 0).Select(m => $"\"{m.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\":{m.Value(r, d + 1)}").ToList();
            for (var i = 0; extra is not null && i < r.Next(3); i++) written.Add($"\"free{i}\":{extra(r, d + 1)}");
            return $"{{{string.Join(',', written)}}}";
        });
    }

    private (JsonObject, Func<Random, int, string>) Array(int depth)
    {
        var (items, value) = Make(depth - 1);
        var (min, max) = (random.Next(0, 3), 0);
        max = min + random.Next(0, 4);
        var schema = new JsonObject { ["type"] = "array", ["items"] = items, ["minItems"] = min };
        if (random.Next(2) == 0) schema["maxItems"] = max;
        var first = new List<Func<Random, int, string>>();
        if (random.Next(4) == 0)
        {
            var prefix = new JsonArray();
            for (var i = random.Next(1, 3); i > 0; i--)
            {
                var (one, make) = Make(depth - 1);
                prefix.Add(one);
                first.Add(make);
            }

            schema["prefixItems"] = prefix;
        }

        return (schema, (r, d) => $"[{string.Join(',', Enumerable.Range(0, r.Next(min, max + 1)).Select(i => (i < first.Count ? first[i] : value)(r, d + 1)))}]");
    }

    private (JsonObject, Func<Random, int, string>) Options(int depth)
    {
        var made = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Make(depth - 1)).ToList();
        return (new() { ["anyOf"] = new JsonArray([.. made.Select(m => m.Schema)]) }, (r, d) => made[r.Next(made.Count)].Value(r, d));
    }

    private (JsonObject, Func<Random, int, string>) Both(int depth)
    {
        var (schema, value) = Object(depth);
        return (new() { ["allOf"] = new JsonArray(schema, new JsonObject { ["type"] = new JsonArray("object", "null") }) }, value);
    }

    private (JsonObject, Func<Random, int, string>) Recursive()
    {
        if (definitions.Count == 0)
        {
            var leaf = Make(0);
            definitions["node"] = JsonNode.Parse("""{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},"all":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["next"]}""");
            definitions["node"]!["properties"]!.AsObject()["leaf"] = leaf.Schema;
            node = (r, d) => $"{{\"next\":{(d > 5 || r.Next(2) == 0 ? "null" : node(r, d + 1))}{(d > 3 || r.Next(2) == 0 ? "" : $",\"all\":[{node(r, d + 2)}]")},\"leaf\":{leaf.Value(r, d)}}}";
        }

        return (new() { ["$ref"] = "#/$defs/node" }, (r, d) => node(r, d));
    }
}
