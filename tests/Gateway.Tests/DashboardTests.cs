using System.Net;
using System.Net.Http.Headers;

namespace AgentMesh.Gateway.Tests;

public sealed class DashboardTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("dashboard").FullName;

    public DashboardTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "assets"));
        File.WriteAllText(Path.Combine(folder, "index.html"), "<title>page</title>");
        File.WriteAllText(Path.Combine(folder, "assets", "app-1a2b.js"), "plain");
        File.WriteAllText(Path.Combine(folder, "assets", "app-1a2b.js.gz"), "packed");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".secret"), "secret");
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        File.Delete(folder + ".secret");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/goals/some-goal?tab=plan")]
    [InlineData("/approvals")]
    public async Task Every_address_that_a_browser_opens_is_the_page(string path)
    {
        using var answer = await Get(folder, path, "text/html");
        Assert.Equal("<title>page</title>", await answer.Content.ReadAsStringAsync(World.Ct));
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Contains("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.ETag);
    }

    [Fact]
    public async Task Built_files_are_kept_for_ever_and_sent_compressed_to_who_takes_it()
    {
        using var plain = await Get(folder, "/assets/app-1a2b.js", "*/*");
        Assert.Equal("plain", await plain.Content.ReadAsStringAsync(World.Ct));
        Assert.True(plain.Headers.CacheControl is { Public: true, MaxAge.TotalDays: 365 });
        Assert.Contains("immutable", plain.Headers.CacheControl.ToString(), StringComparison.Ordinal);

        using var packed = await Get(folder, "/assets/app-1a2b.js", "*/*", "gzip");
        Assert.Equal("packed", await packed.Content.ReadAsStringAsync(World.Ct));
        Assert.Equal("gzip", packed.Content.Headers.ContentEncoding.Single());
        Assert.Equal("text/javascript", packed.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/nothing.js")]
    [InlineData("/v1/nothing")]
    [InlineData("/assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/assets")]
    public async Task What_is_not_there_is_a_problem_for_programs(string path)
    {
        using var answer = await Get(folder, path, "*/*");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Nothing_outside_its_folder_is_served()
    {
        using var answer = await Get(folder, $"/..%2f{Path.GetFileName(folder)}.secret", "*/*");
        Assert.DoesNotContain("secret\"", await answer.Content.ReadAsStringAsync(World.Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Unbuilt_it_says_how_to_build_it()
    {
        using var answer = await Get(Path.Combine(folder, "none"), "/", "text/html");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("make dashboard", await answer.Content.ReadAsStringAsync(World.Ct), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Get(string from, string path, string accept, string? encoding = null)
    {
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, Dashboard = from });
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { MediaTypeWithQualityHeaderValue.Parse(accept) } } };
        if (encoding is not null) request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        var answer = await world.Client.SendAsync(request, World.Ct);
        await answer.Content.LoadIntoBufferAsync(World.Ct);
        return answer;
    }
}
