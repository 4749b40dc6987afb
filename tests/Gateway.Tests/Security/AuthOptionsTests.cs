using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>How a host is guarded: its settings, and what it refuses to start with.</summary>
public sealed class AuthOptionsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:8080;http://[::1]:8081", true)]
    [InlineData("http://unix:/run/mesh.sock", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://*:8080", false)]
    [InlineData("http://[::]:8080", false)]
    [InlineData("http://127.0.0.1:8080;http://10.0.0.7:8080", false)]
    [InlineData("http://localhost.example.org:8080", false)]
    public void Nobody_is_asked_only_where_nobody_else_comes(string urls, bool allowed)
    {
        var open = AuthOptions.Read(name => name == "AGENTMESH_AUTH" ? "none" : null, AuthMode.Keys);
        if (allowed) open.Check(urls);
        else Assert.Contains("AGENTMESH_AUTH", Assert.Throws<FormatException>(() => open.Check(urls)).Message, StringComparison.Ordinal);
        AuthOptions.Read(_ => null, AuthMode.Keys).Check(urls);
    }

    [Fact]
    public void The_admins_key_comes_from_the_setting_or_from_a_file_and_must_be_one()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, World.Admin + "\n");
            Assert.Equal(World.Admin, Read(("AGENTMESH_ADMIN_KEY", World.Admin)).AdminKey);
            Assert.Equal(World.Admin, Read(("AGENTMESH_ADMIN_KEY_FILE", file)).AdminKey);
            Assert.Null(Read().AdminKey);
            Refused("both set", ("AGENTMESH_ADMIN_KEY", World.Admin), ("AGENTMESH_ADMIN_KEY_FILE", file));
            Refused("cannot be read", ("AGENTMESH_ADMIN_KEY_FILE", file + ".not"));
            Refused("keys generate", ("AGENTMESH_ADMIN_KEY", "hunter2"));
            Assert.DoesNotContain("hunter2", Refused("no key", ("AGENTMESH_ADMIN_KEY", "hunter2")), StringComparison.Ordinal);
            Refused("keys or none", ("AGENTMESH_AUTH", "perhaps"));
        }
        finally
        {
            File.Delete(file);
        }

        static AuthOptions Read(params (string Name, string Value)[] set) => AuthOptions.Read(name => set.FirstOrDefault(s => s.Name == name).Value, AuthMode.Keys);

        static string Refused(string says, params (string Name, string Value)[] set)
        {
            var message = Assert.Throws<FormatException>(() => Read(set)).Message;
            Assert.Contains(says, message, StringComparison.Ordinal);
            return message;
        }
    }

    [Fact]
    public async Task A_host_with_a_route_that_says_nothing_of_callers_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => World.Start(World.Guarded, map: app => app.MapGet("/v1/backdoor", () => "open")));
        Assert.Contains("/v1/backdoor", refused.Message, StringComparison.Ordinal);
        await using var declared = await World.Start(World.Guarded, map: app => app.MapGet("/v1/frontdoor", () => "open").ForAnyone());
        Assert.Equal(200, (await declared.Get("/v1/frontdoor")).Status);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Where_nobody_is_asked_a_page_of_another_site_gets_nothing(string header, string value)
    {
        await using var world = await World.Start();
        (await world.Send(HttpMethod.Post, "/v1/goals", new MultipartFormDataContent { { new StringContent("work"), "text" } }, (header, value))).Problem(403, "cross-site");
        Assert.Equal(0, (await world.Get("/v1/goals")).Json.GetProperty("goals").GetArrayLength());
        Assert.Equal(201, (await world.Send(
            HttpMethod.Post, "/v1/goals", new MultipartFormDataContent { { new StringContent("work"), "text" } }, ("Origin", "http://localhost:5173"), ("Sec-Fetch-Site", "same-site"))).Status);
    }
}
