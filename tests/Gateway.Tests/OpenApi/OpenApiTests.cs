using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentMesh.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.Tests.OpenApi;

/// <summary>The API's description: complete, without lint, and true.</summary>
public sealed class OpenApiTests
{
    // Described where they are mapped; nobody calls them here.
    private static readonly Action<IServiceCollection> Webhooks = s => s
        .AddSingleton(System.Reflection.DispatchProxy.Create<IWebhookStore, NeverCalled>()).AddSingleton(System.Reflection.DispatchProxy.Create<IWebhookSender, NeverCalled>());

    [Fact]
    public async Task Every_route_is_described_and_every_description_has_its_route()
    {
        await using var world = await World.Start(services: Webhooks);
        var mapped = world.Described.Where(r => !r.Contains("**", StringComparison.Ordinal));
        var described = (await world.Get("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}"));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_description_has_no_lint()
    {
        var folder = Path.Combine(Root(), "tests", "Gateway.Tests", "OpenApi", "lint");
        var node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, "node")).FirstOrDefault(File.Exists);
        if (node is null || !Directory.Exists(Path.Combine(folder, "node_modules"))) Assert.Skip("The linter comes from npm; fetch it with: npm ci --prefix tests/Gateway.Tests/OpenApi/lint");
        await using var world = await World.Start(services: Webhooks);
        var start = new ProcessStartInfo(node, [Path.Combine(folder, "lint.mjs")])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        using var lint = Process.Start(start)!;
        var (said, broke) = (lint.StandardOutput.ReadToEndAsync(World.Ct), lint.StandardError.ReadToEndAsync(World.Ct));
        await lint.StandardInput.WriteAsync((await world.Get("/openapi/v1.json")).Text);
        lint.StandardInput.Close();
        await lint.WaitForExitAsync(World.Ct);
        Assert.Equal(("", "", 0), (await said, await broke, lint.ExitCode));
    }

    [Fact]
    public async Task Answers_have_what_their_schemas_require_and_nothing_else()
    {
        await using var world = await World.Start();
        var call = await world.Submit("call");
        await world.Get($"/v1/goals/{call}/wait?timeout=60");
        var done = await world.Submit("work");
        await world.Get($"/v1/goals/{done}/wait?timeout=60");
        await world.Post("/v1/knowledge", """{"collection":"c","name":"n","text":"some words"}""");
        var api = (await world.Get("/openapi/v1.json")).Json;
        foreach (var (path, at) in new[]
        {
            ("/v1/goals", "?limit=1"), ("/v1/goals/{id}", $"/v1/goals/{call}"), ("/v1/goals/{id}", $"/v1/goals/{done}"), ("/v1/goals/{id}/explain", $"/v1/goals/{done}/explain"),
            ("/v1/goals/{id}/artifacts", $"/v1/goals/{done}/artifacts"), ("/v1/goals/{id}/artifacts/{artifact}", $"/v1/goals/{done}/artifacts/a"), ("/v1/approvals", ""), ("/v1/usage", ""),
            ("/v1/roles", ""), ("/v1/tools", ""), ("/v1/playbooks", ""), ("/v1/knowledge", ""), ("/v1/knowledge/search", "?q=words"), ("/v1/cluster", ""), ("/v1/activity", ""), ("/health/live", ""),
        })
        {
            var answer = await world.Get(at.StartsWith('/') ? at : path + at);
            Assert.Equal(200, answer.Status);
            var schema = api.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
            Assert.Empty(Mistakes(api, schema, answer.Json, path));
        }

        var problem = api.GetProperty("components").GetProperty("schemas").GetProperty("Problem");
        Assert.Empty(Mistakes(api, problem, (await world.Get("/v1/goals/none")).Json, "problem"));
    }

    [Fact]
    public async Task Every_example_is_taken()
    {
        await using var world = await World.Start();
        var api = (await world.Get("/openapi/v1.json")).Json;
        var examples = 0;
        foreach (var path in api.GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("post", out var post) || !post.TryGetProperty("requestBody", out var body)) continue;
            var json = body.GetProperty("content").GetProperty("application/json");
            Assert.Empty(Mistakes(api, json.GetProperty("schema"), json.GetProperty("example"), path.Name));
            var answer = await world.Post(path.Name.Replace("{id}", "none", StringComparison.Ordinal).Replace("{request}", "none", StringComparison.Ordinal), json.GetProperty("example").GetRawText());
            // Whatever it says of goals and playbooks that this world has not: the body was read.
            Assert.True(answer.Status is 201 or 204 or 404 || answer.Text.Contains("playbook-unknown", StringComparison.Ordinal), $"{path.Name}: {answer.Text}");
            examples++;
        }

        Assert.InRange(examples, 7, 100);
    }

    /// <summary>What in the value does not keep to the schema, of the parts of JSON Schema that the description uses for objects, lists and choices.</summary>
    private static IEnumerable<string> Mistakes(JsonElement api, JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind != JsonValueKind.Object) yield break;
        if (schema.TryGetProperty("$ref", out var reference))
        {
            foreach (var mistake in Mistakes(api, api.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), value, at)) yield return mistake;
            yield break;
        }

        if (schema.TryGetProperty("anyOf", out var choices) && choices.EnumerateArray().All(c => Mistakes(api, c, value, at).Any())) yield return $"{at} is none of its choices";
        if (schema.TryGetProperty("enum", out var names) && names.EnumerateArray().All(n => n.GetRawText() != value.GetRawText())) yield return $"{at} is {value.GetRawText()}";
        if (schema.TryGetProperty("const", out var only) && only.GetRawText() != value.GetRawText()) yield return $"{at} is {value.GetRawText()}";
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(t => Is(t, value))) yield return $"{at} is a {value.ValueKind}, not {type.GetRawText()}";
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var item in value.EnumerateArray())
                foreach (var mistake in Mistakes(api, items, item, $"{at}[]")) yield return mistake;
        }

        if (value.ValueKind != JsonValueKind.Object) yield break;
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _))) yield return $"{at} has no {name}";
        if (!schema.TryGetProperty("properties", out var properties)) yield break;
        foreach (var property in value.EnumerateObject())
        {
            if (!properties.TryGetProperty(property.Name, out var known)) yield return $"{at}.{property.Name} is not described";
            else foreach (var mistake in Mistakes(api, known, property.Value, $"{at}.{property.Name}")) yield return mistake;
        }
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.String ? [type.GetString()!] : type.EnumerateArray().Select(t => t.GetString()!);

    private static bool Is(string type, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetInt64(out _)),
        JsonValueKind.Null => type == "null",
        _ => type == "boolean",
    };

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AgentMesh.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The tests must lie in the repository.");
        return folder.FullName;
    }

    public class NeverCalled : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) => throw new UnreachableException();
    }
}
