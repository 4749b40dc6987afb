using AgentMesh.Doubles;
using AgentMesh.Inference.ModelFiles;
using static AgentMesh.Inference.Tests.ModelFiles.HubFixture;

namespace AgentMesh.Inference.Tests.ModelFiles;

/// <summary>What a pull asks, picks, checks and leaves in the cache.</summary>
public sealed class PullTests
{
    [Fact]
    public async Task The_cache_is_laid_out_as_hugging_face_has_it()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add("gguf/" + HubFixture.File, HubDouble.Gguf(5000));
        var path = await f.Pull();

        Assert.Equal(f.Cached($"snapshots/{f.Hub.Commit}/gguf/{HubFixture.File}"), path);
        Assert.Equal($"../../../blobs/{file.Etag}", new FileInfo(path).LinkTarget);
        Assert.Equal(f.Hub.Commit, await System.IO.File.ReadAllTextAsync(f.Cached("refs/main"), TestContext.Current.CancellationToken));
        Assert.True(System.IO.File.Exists(Path.Combine(f.Options.CacheFolder, ".locks", "models--acme--tiny-GGUF", file.Etag + ".lock")));
        await f.Whole(file, path);
        Assert.Equal(new PullEvent.Done("gguf/" + HubFixture.File, 5000, "sha256"), f.Events[^1]);
    }

    [Fact]
    public async Task What_is_here_is_not_sent_again_and_a_new_commit_shares_the_blob()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        await f.Pull();
        await f.Pull();
        f.Hub.Commit = new string('2', 40);
        var path = await f.Pull();

        Assert.Single(f.Hub.Gets, g => !g.Path.StartsWith("/mirror", StringComparison.Ordinal));
        Assert.Contains(f.Hub.Commit, path, StringComparison.Ordinal);
        Assert.Equal(new PullEvent.Present(HubFixture.File, 5000), f.Events[^1]);
        await f.Whole(file, path);
    }

    [Fact]
    public async Task The_token_goes_to_the_endpoint_and_nowhere_else()
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        await f.Pull();

        Assert.All(f.Hub.Requests, r => Assert.Equal(r.Path.StartsWith("/mirror/", StringComparison.Ordinal) ? $"Bearer {Token}" : null, r.Authorization));
        Assert.Contains(f.Hub.Requests, r => r.Authorization is null);
        Assert.DoesNotContain(Token, f.Options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_is_not_sent_in_clear() =>
        Assert.False(new HubOptions { CacheFolder = "x", Token = Token, Endpoint = new Uri("http://mirror.example/") }.SendsToken);

    [Fact]
    public async Task A_small_file_is_checked_by_gits_own_hash()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(900), lfs: false);
        await f.Whole(file, await f.Pull());
        Assert.Equal("git sha1", Assert.IsType<PullEvent.Done>(f.Events[^1]).Verified);

        var lie = f.Hub.Add("other-Q8_0.gguf", HubDouble.Gguf(900, 2), lfs: false);
        lie.Etag = file.Etag[..39] + (file.Etag[39] == '0' ? '1' : '0');
        Assert.Contains("is not what", (await f.Fails(HubDouble.Repo + ":Q8_0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_parts_of_a_split_model_come()
    {
        await using var f = await HubFixture.Start();
        var parts = Enumerable.Range(1, 3).Select(n => f.Hub.Add($"Q4_K_M/big-Q4_K_M-0000{n}-of-00003.gguf", HubDouble.Gguf(1000 + n, n))).ToList();
        var path = await f.Pull();
        Assert.EndsWith("-00001-of-00003.gguf", path, StringComparison.Ordinal);
        foreach (var part in parts) await f.Whole(part, Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(part.Name)));

        var found = Assert.Single(f.Store.List());
        Assert.Equal((3, 3, 3006L, "Q4_K_M"), (found.Parts, found.PartsExpected, found.Bytes, found.Quant));
        Assert.Equal(path, f.Store.Resolve(HubDouble.Repo));
        System.IO.File.Delete(Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(parts[1].Name)));
        Assert.Contains("agentmesh model pull", Assert.Throws<ModelFileException>(() => f.Store.Resolve(HubDouble.Repo)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_by_its_address_needs_no_hub()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        f.Hub.Transfers = n => n == 0 ? new(CutAfter: 1000) : new();
        var url = new Uri(f.Hub.Content, HubFixture.File).ToString();
        var path = await f.Pull(url);
        await f.Whole(file, path);
        Assert.Equal([null, "bytes=1000-"], f.Hub.Gets.Select(g => g.Range));
        Assert.Equal("\"content-1\"", f.Hub.Gets.Last().IfRange);
        Assert.All(f.Hub.Requests, r => Assert.Null(r.Authorization));
        Assert.Equal(path, f.Store.Resolve(url));
        await f.Pull(url);
        Assert.Equal(2, f.Hub.Gets.Count());

        file.Bytes = HubDouble.Gguf(6000, 2);
        (file.Size, file.ContentEtag) = (6000, "\"content-2\"");
        await f.Whole(file, await f.Pull(url));
    }

    [Fact]
    public async Task An_address_on_the_hub_is_a_name_there()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        var path = await f.Pull($"{f.Hub.Endpoint}/{HubDouble.Repo}/resolve/main/{HubFixture.File}?download=true");
        Assert.Equal(path, f.Store.Resolve(HubDouble.Repo));
        await f.Whole(file, path);
    }

    [Fact]
    public async Task Offline_asks_nobody()
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        f.Options = f.Options with { Offline = true };
        var fault = await f.Fails();
        Assert.Contains("agentmesh model pull acme/tiny-GGUF", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ModelFileFault.Asked, fault.Fault);
        Assert.Empty(f.Hub.Requests);

        f.Options = f.Options with { Offline = false };
        var path = await f.Pull();
        f.Options = f.Options with { Offline = true };
        f.Hub.Requests.Clear();
        Assert.Equal(path, await f.Pull());
        Assert.Empty(f.Hub.Requests);
    }

    [Fact]
    public async Task A_full_disk_is_seen_before_the_first_byte()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        f.Patience = f.Patience with { FreeBytes = _ => 3999 };
        Assert.Contains("make room", (await f.Fails()).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(f.Hub.Gets, g => g.Path.Contains(file.Etag, StringComparison.Ordinal));

        Directory.CreateDirectory(f.Cached("blobs"));
        await System.IO.File.WriteAllBytesAsync(f.Part(file), file.Bytes[..1001], TestContext.Current.CancellationToken);
        await f.Whole(file, await f.Pull());
    }

    [Theory]
    [InlineData(401, "RepoNotFound", "There is no acme/tiny-GGUF")]
    [InlineData(401, "GatedRepo", "acme/tiny-GGUF is gated: accept its terms")]
    [InlineData(403, "", "is gated")]
    [InlineData(404, "RevisionNotFound", "no such revision")]
    [InlineData(404, "EntryNotFound", "no such file")]
    [InlineData(404, "", "check the name")]
    public async Task What_the_hub_refuses_is_said_once_and_with_a_way_out(int status, string code, string says)
    {
        await using var f = await HubFixture.Start();
        f.Hub.Before = c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers["X-Error-Code"] = code;
            c.Response.Headers["X-Error-Message"] = "nothing of this is shown";
            return true;
        };
        foreach (var name in new[] { HubDouble.Repo, $"{HubDouble.Repo}/{HubFixture.File}" })
        {
            f.Hub.Requests.Clear();
            var fault = await f.Fails(name);
            Assert.Contains(says, fault.Message, StringComparison.Ordinal);
            Assert.Equal(ModelFileFault.Asked, fault.Fault);
            Assert.DoesNotContain(Token, fault.ToString(), StringComparison.Ordinal);
            Assert.Single(f.Hub.Requests);
        }
    }

    [Fact]
    public async Task Names_and_hashes_from_a_server_never_become_other_paths()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(5000));
        f.Hub.FurtherNames.AddRange(["../../../evil-Q4_K_M.gguf", "/evil-Q4_K_M.gguf", "a/../../evil-Q4_K_M.gguf", "evil\r\n-Q4_K_M.gguf", "..\\evil-Q4_K_M.gguf", "c:evil-Q4_K_M.gguf", ""]);
        await f.Whole(file, await f.Pull());

        foreach (var etag in new[] { "../../../evil", "..", "/evil", ".hidden", "a b" })
        {
            file.Etag = etag;
            f.Hub.Before = c =>
            {
                if (c.Request.Method != "HEAD") return false;
                c.Response.Headers["X-Repo-Commit"] = f.Hub.Commit;
                c.Response.Headers["X-Linked-Etag"] = $"\"{etag}\"";
                c.Response.Headers["X-Linked-Size"] = "5000";
                c.Response.StatusCode = 302;
                c.Response.Headers.Location = new Uri(f.Hub.Content, HubFixture.File).ToString();
                return true;
            };
            // A name that is no hash is none of a file, and a part without a validator is none to go on with.
            await Record.ExceptionAsync(() => f.Pull());
        }

        foreach (var commit in new[] { "../../../../evil", "..", new string('A', 40), new string('1', 39), "" })
        {
            f.Hub.Before = null;
            f.Hub.Commit = commit;
            Assert.Contains("does not answer as Hugging Face does", (await f.Fails()).Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(f.Everything(), p => p.Contains("evil", StringComparison.Ordinal) || p.Contains("hidden", StringComparison.Ordinal));
        Assert.All(f.Everything(), p => Assert.StartsWith("hub/", p, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_of_a_login_is_no_model()
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, "<html>Please log in</html>"u8.ToArray());
        Assert.Contains("is not a usable GGUF file", (await f.Fails()).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(f.Cached("blobs")));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"sha":1}""")]
    [InlineData("""{"sha":"1111111111111111111111111111111111111111","sha":"x"}""")]
    [InlineData("{}")]
    public async Task What_is_no_hub_is_named(string listing)
    {
        await using var f = await HubFixture.Start();
        f.Hub.Before = c =>
        {
            c.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(listing)).AsTask().Wait();
            return true;
        };
        Assert.Contains("check HF_ENDPOINT", (await f.Fails()).Message, StringComparison.Ordinal);
    }
}
