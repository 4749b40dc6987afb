using System.Text;

namespace AgentMesh.Gateway.Tests;

/// <summary>What goals made and were given, to look at and to take away.</summary>
public sealed class ArtifactTests
{
    [Fact]
    public async Task Artifacts_are_listed_shown_and_downloaded()
    {
        await using var world = await World.Start();
        var goal = await Submit(world, ("mail.eml", "From: a@example.com\nSubject: Hi\n\nHello\n"), ("t.csv", "a,b\n1,2\n"));
        var all = (await world.Get($"/v1/goals/{goal}/artifacts")).Json.GetProperty("artifacts").EnumerateArray().ToList();
        Assert.Equal(["in-1", "in-2", "a"], all.Select(a => a.GetProperty("id").GetString()));
        Assert.All(all, a => Assert.False(a.TryGetProperty("value", out _)));
        Assert.All(all, a => Assert.InRange(a.GetProperty("bytes").GetInt64(), 5, 10_000));

        Assert.True((await world.Get($"/v1/goals/{goal}/artifacts/a")).Json.GetProperty("value").GetProperty("ok").GetBoolean());
        Assert.Equal("table", (await world.Get($"/v1/goals/{goal}/artifacts/in-2")).Json.GetProperty("kind").GetString());
        (await world.Get($"/v1/goals/{goal}/artifacts/none")).Problem(404, "artifact-not-found");
        (await world.Get("/v1/goals/none/artifacts")).Problem(404, "goal-not-found");

        using var made = await world.Client.GetAsync($"/v1/goals/{goal}/artifacts/a/raw", World.Ct);
        Assert.Equal(("application/json", """{"ok":true}"""), (made.Content.Headers.ContentType?.ToString(), await made.Content.ReadAsStringAsync(World.Ct)));
        Assert.Equal("attachment; filename=a.json; filename*=UTF-8''a.json", made.Content.Headers.ContentDisposition?.ToString());
        using var table = await world.Client.GetAsync($"/v1/goals/{goal}/artifacts/in-2/raw", World.Ct);
        Assert.Equal(("text/csv; charset=utf-8", "a,b\n1,2\n"), (table.Content.Headers.ContentType?.ToString(), await table.Content.ReadAsStringAsync(World.Ct)));
        Assert.Equal(("nosniff", "default-src 'none'; sandbox"), (table.Headers.GetValues("X-Content-Type-Options").Single(), table.Headers.GetValues("Content-Security-Policy").Single()));

        using var repeat = new HttpRequestMessage(HttpMethod.Get, $"/v1/goals/{goal}/artifacts/in-2/raw");
        repeat.Headers.IfNoneMatch.Add(table.Headers.ETag!);
        using var same = await world.Client.SendAsync(repeat, World.Ct);
        Assert.Equal(304, (int)same.StatusCode);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>.txt")]
    [InlineData("a\r\nSet-Cookie: x=1.txt")]
    [InlineData("../../etc/passwd.txt")]
    [InlineData("Gr\u00fc\u00dfe \u6771\u4eac.txt")]
    [InlineData("..txt")]
    public async Task A_files_name_never_leaves_its_place(string name)
    {
        await using var world = await World.Start();
        var submitted = await world.Post("/v1/goals", $$"""{"text":"work","attachments":[{"name":{{System.Text.Json.Nodes.JsonValue.Create(name).ToJsonString()}},"content":"{{Convert.ToBase64String("<html><script>alert(1)</script>"u8)}}"}]}""");
        if (name.Any(char.IsControl))
        {
            submitted.Problem(422, "name-invalid");
            return;
        }

        Assert.Equal((201, ""), (submitted.Status, submitted.Status == 201 ? "" : submitted.Text));
        using var raw = await world.Client.GetAsync($"{submitted.Location}/artifacts/in-1/raw", World.Ct);
        var type = raw.Content.Headers.ContentType!.MediaType!;
        Assert.DoesNotContain("html", type, StringComparison.Ordinal);
        var disposition = raw.Content.Headers.ContentDisposition!.ToString();
        Assert.StartsWith("attachment", disposition, StringComparison.Ordinal);
        Assert.DoesNotContain("/", disposition, StringComparison.Ordinal);
        Assert.DoesNotContain("<", disposition, StringComparison.Ordinal);
    }

    private static async Task<string> Submit(World world, params (string Name, string Text)[] files)
    {
        using var form = new MultipartFormDataContent { { new StringContent("work"), "text" } };
        foreach (var (name, text) in files) form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name);
        var made = await world.Send(HttpMethod.Post, "/v1/goals", form);
        Assert.Equal(201, made.Status);
        var goal = made.Json.GetProperty("goal").GetString()!;
        Assert.Equal("Completed", (await world.Get($"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("status").GetString());
        return goal;
    }
}
