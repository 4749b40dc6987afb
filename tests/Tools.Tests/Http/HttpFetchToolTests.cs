using System.IO.Compression;
using System.Net;
using AgentMesh.Contracts;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Tools.Http;

public sealed class HttpFetchToolTests
{
    /// <summary>Answers as a test says, a different answer each time if it wants.</summary>
    private sealed class Resolver(params string[][] answers) : IHostResolver
    {
        public int Asked { get; private set; }

        public Task<IReadOnlyList<IPAddress>> Resolve(string host, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<IPAddress>>([.. answers[Math.Min(Asked++, answers.Length - 1)].Select(IPAddress.Parse)]);
    }

    private static HttpFetchTool Tool(string allow, IHostResolver? resolver = null, int maxBytes = 10_000) =>
        new(new(HostAllowList.Parse(allow), maxBytes, MaxCharacters: 2_000, Timeout: TimeSpan.FromSeconds(20)), TimeProvider.System, resolver);

    private static Task<TestServer> Pages() => TestServer.Start(async http =>
    {
        var path = http.Request.Path.Value!;
        if (path.StartsWith("/loop", StringComparison.Ordinal)) http.Response.Redirect("/loop" + (int.Parse("0" + path[5..]) + 1));
        else if (path == "/to") http.Response.Redirect(http.Request.Query["url"]!);
        else if (path == "/status") http.Response.StatusCode = int.Parse(http.Request.Query["code"]!);
        else if (path == "/image") await Send(http, "image/png", "x");
        else if (path == "/headers") await Send(http, "text/plain", string.Join(",", http.Request.Headers.Keys.Order(StringComparer.Ordinal)));
        else if (path == "/big") await Send(http, "text/plain", new string('x', 20_000));
        else if (path == "/bomb")
        {
            http.Response.ContentType = "text/plain";
            http.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(http.Response.Body, CompressionLevel.SmallestSize);
            await zip.WriteAsync(new byte[1_000_000]);
        }
        else if (path == "/latin")
        {
            http.Response.ContentType = "text/plain; charset=iso-8859-1";
            await http.Response.Body.WriteAsync(new byte[] { 0x63, 0x61, 0x66, 0xE9 });
        }
        else
        {
            http.Response.Headers.SetCookie = "a=b";
            await Send(http, "text/html; charset=utf-8", "<html><head><title>T</title></head><body><p>Hello</p><script>x</script></body></html>");
        }
    });

    private static Task Send(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text);
    }

    [Fact]
    public async Task A_page_is_fetched_as_text()
    {
        await using var server = await Pages();
        var result = await Tool(server.Url.AbsoluteUri).Run($$"""{"url": "{{server.Url}}page"}""");
        Assert.Equal("Hello", result.Text("text"));
        Assert.Equal("T", result.Text("title"));
        Assert.Equal("text/html", result.Text("contentType"));
        Assert.Equal(Trust.Untrusted, Tool("").Descriptor.Returns);
    }

    [Fact]
    public async Task Nothing_is_allowed_until_somebody_allows_it()
    {
        var exception = await Tool("").Fails("""{"url": "https://example.com/x"}""");
        Assert.Contains("AGENTMESH_HTTP_ALLOW", exception.Message, StringComparison.Ordinal);
        Assert.Contains("https://example.com", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.com/")]
    [InlineData("http://api.example.com/")]
    [InlineData("https://api.example.com:8443/")]
    [InlineData("https://example.org/")]
    [InlineData("https://notexample.org/")]
    [InlineData("https://api.example.com@evil.com/")]
    [InlineData("https://user:pw@api.example.com/")]
    [InlineData("ftp://api.example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("not a url")]
    public async Task What_the_list_does_not_cover_is_refused_without_asking_the_resolver(string url)
    {
        var resolver = new Resolver(["203.0.113.1"]);
        Assert.Equal(FailureKind.Permanent, (await Tool("api.example.com, *.example.org", resolver).Fails($$"""{"url": "{{url}}"}""")).Kind);
        Assert.Equal(0, resolver.Asked);
    }

    [Theory]
    [InlineData("https://api.example.com/x")]
    [InlineData("https://API.example.com./x")]
    [InlineData("https://a.b.example.org/x")]
    [InlineData("http://other.net:8080/x")]
    public void What_the_list_covers_is_allowed(string url) =>
        Assert.True(HostAllowList.Parse("api.example.com *.example.org http://other.net:8080").Allows(new Uri(url)));

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::7f00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("2001:0:4136:e378::1")]
    [InlineData("2001:db8::1")]
    public async Task A_name_that_leads_inside_is_refused(string address)
    {
        Assert.False(AddressPolicy.IsPublic(IPAddress.Parse(address)));
        var exception = await Tool("api.example.com", new Resolver(["93.184.216.34", address])).Fails("""{"url": "https://api.example.com/"}""");
        Assert.Equal(FailureKind.Permanent, exception.Kind);
        Assert.Contains("not an address of the public internet", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    public void Addresses_of_the_internet_are_public(string address) => Assert.True(AddressPolicy.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public async Task A_name_that_changes_its_mind_is_connected_to_only_where_it_was_checked()
    {
        await using var server = await Pages();
        var entry = $"http://localhost:{server.Url.Port}";
        var url = $$"""{"url": "{{entry}}/"}""";
        // The first connection is checked and used; a later answer that leads to the metadata service is refused.
        var resolver = new Resolver(["127.0.0.1"], ["169.254.169.254"]);
        Assert.Equal("Hello", (await Tool(entry, resolver).Run(url)).Text("text"));
        Assert.Equal(1, resolver.Asked);
        Assert.Contains("169.254.169.254", (await Tool(entry, new Resolver(["169.254.169.254"])).Fails(url)).Message, StringComparison.Ordinal);
        // Loopback is for entries that name it.
        Assert.Contains("public internet", (await Tool($"http://rebind.example.com:{server.Url.Port}", new Resolver(["127.0.0.1"])).Fails(
            $$"""{"url": "http://rebind.example.com:{{server.Url.Port}}/"}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_the_url_is_checked_too()
    {
        await using var server = await Pages();
        var tool = Tool($"http://127.0.0.1:{server.Url.Port}");
        Assert.Equal("Hello", (await tool.Run($$"""{"url": "http://127.0.0.1:{{server.Url.Port}}/"}""")).Text("text"));
        // Other spellings of the same address are the same address.
        Assert.Equal("Hello", (await tool.Run($$"""{"url": "http://2130706433:{{server.Url.Port}}/"}""")).Text("text"));
        Assert.Contains("not in the allow-list", (await tool.Fails($$"""{"url": "http://127.0.0.2:{{server.Url.Port}}/"}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_followed_as_far_as_the_list_goes()
    {
        await using var server = await Pages();
        await using var other = await Pages();
        var tool = Tool(server.Url.AbsoluteUri);
        Assert.Equal("Hello", (await tool.Run($$"""{"url": "{{server.Url}}to?url=/page"}""")).Text("text"));
        Assert.Contains("not in the allow-list", (await tool.Fails($$"""{"url": "{{server.Url}}to?url={{Uri.EscapeDataString(other.Url + "page")}}"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("not in the allow-list", (await tool.Fails($$"""{"url": "{{server.Url}}to?url=http://169.254.169.254/latest/meta-data"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("'file' addresses", (await tool.Fails($$"""{"url": "{{server.Url}}to?url=file:///etc/passwd"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("More than 5 redirects", (await tool.Fails($$"""{"url": "{{server.Url}}loop"}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_and_statuses_are_told_apart()
    {
        await using var server = await Pages();
        var tool = Tool(server.Url.AbsoluteUri);
        Assert.Contains("larger than 10000 bytes", (await tool.Fails($$"""{"url": "{{server.Url}}big"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("larger than 10000 bytes", (await tool.Fails($$"""{"url": "{{server.Url}}bomb"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("image/png", (await tool.Fails($$"""{"url": "{{server.Url}}image"}""")).Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Permanent, (await tool.Fails($$"""{"url": "{{server.Url}}status?code=404"}""")).Kind);
        Assert.Equal(FailureKind.Transient, (await tool.Fails($$"""{"url": "{{server.Url}}status?code=503"}""")).Kind);
        Assert.Equal(FailureKind.Transient, (await tool.Fails($$"""{"url": "{{server.Url}}status?code=429"}""")).Kind);
        var cut = await Tool(server.Url.AbsoluteUri, maxBytes: 50_000).Run($$"""{"url": "{{server.Url}}big"}""");
        Assert.Equal(2_000, cut.Text("text").Length);
        Assert.True(cut.GetProperty("truncated").GetBoolean());
        Assert.Equal("café", (await tool.Run($$"""{"url": "{{server.Url}}latin"}""")).Text("text"));
    }

    [Fact]
    public async Task No_cookies_or_credentials_are_ever_sent()
    {
        await using var server = await Pages();
        var tool = Tool(server.Url.AbsoluteUri);
        await tool.Run($$"""{"url": "{{server.Url}}page"}""");
        Assert.Equal("Accept,Accept-Encoding,Host,User-Agent", (await tool.Run($$"""{"url": "{{server.Url}}headers"}""")).Text("text"));
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up()
    {
        var asked = new TaskCompletionSource();
        await using var server = await TestServer.Start(async http =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        var time = new ManualTime();
        var tool = new HttpFetchTool(new(HostAllowList.Parse(server.Url.AbsoluteUri), Timeout: TimeSpan.FromSeconds(7)), time);
        var fetch = tool.Fails($$"""{"url": "{{server.Url}}"}""");
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Contains("did not answer within 7 s", (await fetch).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("*.com")]
    [InlineData("a*.example.com")]
    [InlineData("ftp://example.com")]
    [InlineData("https://example.com/path")]
    [InlineData("user@example.com")]
    [InlineData("*.10.0.0.1")]
    public void An_entry_that_cannot_be_understood_is_refused(string entry) =>
        Assert.Contains(entry, Assert.Throws<FormatException>(() => HostAllowList.Parse(entry)).Message, StringComparison.Ordinal);
}
