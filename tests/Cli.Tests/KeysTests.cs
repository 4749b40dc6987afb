namespace AgentMesh.Cli.Tests;

/// <summary>A server that asks for keys, and the contexts that remember them.</summary>
public sealed class KeysTests(Server database)
{
    [Fact]
    public async Task An_admin_makes_keys_and_their_holders_work_under_their_own_names()
    {
        await using var mesh = await Shell.Open(database);
        var admin = (await mesh.Run("keys", "generate")).Out.Trim();
        await using var server = await MeshServer.Start(mesh, admin);
        await using var ann = await Shell.Open();
        ann.Environment["AGENTMESH_SERVER"] = server.Url;
        var stranger = await ann.Run("goal", "list");
        Assert.Equal(2, stranger.Code);
        Assert.Contains("AGENTMESH_KEY", stranger.Line, StringComparison.Ordinal);

        ann.Environment["AGENTMESH_KEY"] = admin;
        var made = await ann.Run("keys", "create", "ann", "--role", "submitter", "--role", "approver", "--tenant", "acme", "--expires", "90d");
        Assert.Equal(0, made.Code);
        var id = made.Out.Trim().Split('_')[1];
        var list = await ann.Run("keys", "ls");
        Assert.Contains(list.Out.Split('\n'), l => l.Contains(id, StringComparison.Ordinal) && l.Contains("submitter approver", StringComparison.Ordinal));
        Assert.DoesNotContain(made.Out.Trim().Split('_')[2], list.Out + made.Err, StringComparison.Ordinal);

        ann.Environment["AGENTMESH_KEY"] = made.Out.Trim();
        Assert.Equal(0, (await ann.Run("goal", "list")).Code);
        Assert.Equal(0, (await ann.Run("knowledge", "list")).Code);
        Assert.Contains("role", (await ann.Run("keys", "ls")).Line, StringComparison.Ordinal);
        ann.Environment["AGENTMESH_KEY"] = admin;
        Assert.Equal(0, (await ann.Run("keys", "revoke", id)).Code);
        ann.Environment["AGENTMESH_KEY"] = made.Out.Trim();
        Assert.Contains("revoked", (await ann.Run("goal", "list")).Line, StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_context_is_used_until_another_is_and_keeps_its_key_from_others()
    {
        await using var mesh = await Shell.Open(database);
        var admin = (await mesh.Run("keys", "generate")).Out.Trim();
        await using var server = await MeshServer.Start(mesh, admin);
        await using var shell = await Shell.Open();
        Assert.Equal(0, (await shell.Run("context", "add", "prod", server.Url, "--key-file", shell.Write("key", admin + "\n"))).Code);
        Assert.Equal(0, (await shell.Run("context", "use", "prod")).Code);
        Assert.Equal(0, (await shell.Run("keys", "ls")).Code);
        var list = await shell.Run("context", "ls");
        Assert.Contains(list.Out.Split('\n'), l => l.StartsWith('*') && l.Contains("prod", StringComparison.Ordinal));
        Assert.DoesNotContain(admin.Split('_')[2], list.Out, StringComparison.Ordinal);
        var file = Path.Combine(shell.At("home"), "contexts.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        // Its key goes to no server that is named otherwise.
        Assert.Contains("AGENTMESH_KEY", (await shell.Run("keys", "ls", "--server", server.Url)).Line, StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", (await shell.Run("keys", "ls")).Line, StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(0, (await shell.Run("context", "rm", "prod")).Code);
        Assert.Contains("--server", (await shell.Run("keys", "ls")).Line, StringComparison.Ordinal);
        Assert.DoesNotContain(admin, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no context", "context", "use", "nobody")]
    [InlineData("no name for a context", "context", "add", "local", "http://127.0.0.1:1")]
    [InlineData("no name for a context", "context", "add", "a/b", "http://127.0.0.1:1")]
    [InlineData("is no URL", "context", "add", "a", "nowhere")]
    [InlineData("There is no file", "context", "add", "a", "http://127.0.0.1:1", "--key-file", "/no/such/file")]
    [InlineData("--server", "keys", "ls")]
    [InlineData("no time span", "keys", "create", "a", "--role", "admin", "--expires", "soon", "--server", "http://127.0.0.1:1")]
    public async Task What_cannot_be_meant_costs_one_line(string says, params string[] args)
    {
        await using var shell = await Shell.Open();
        var run = await shell.Run(args);
        Assert.Contains(says, run.Line, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }
}
