using AgentMesh.Doubles;
using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Inference.Tests.ModelFiles;

/// <summary>What is kept, found, taken in and removed.</summary>
public sealed class StoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<StoredModel> Import(HubFixture f, string path, string? repo = null, bool copy = false) =>
        await new ModelImport(f.Options, _ => long.MaxValue, TimeProvider.System).Import(path, repo, copy, _ => { }, Ct);

    private static async Task<string> Write(HubFixture f, string name, int seed = 1)
    {
        await File.WriteAllBytesAsync(Path.Combine(f.Folder, name), HubDouble.Gguf(3000, seed), Ct);
        return Path.Combine(f.Folder, name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_import_gets_a_name_and_survives_its_source(bool copy)
    {
        await using var f = await HubFixture.Start();
        var path = await Write(f, "My model (v2)-Q8_0.gguf");
        var stored = await Import(f, path, null, copy);
        Assert.Equal(("local/My-model-v2-Q8_0", "Q8_0", 3000L), (stored.Repo, stored.Quant, stored.Bytes));
        Assert.Equal(stored, Assert.Single(f.Store.List()) with { UsedAt = stored.UsedAt });
        if (copy) await File.AppendAllTextAsync(path, "more", Ct);
        File.Delete(path);
        Assert.Equal(stored.Path, f.Store.Resolve("My-model-v2-Q8_0"));
        Assert.Equal(stored.Path, f.Store.Resolve("My-model-v2-Q8_0:q8_0"));
        Assert.Equal(3000, (await File.ReadAllBytesAsync(stored.Path, Ct)).Length);
    }

    [Fact]
    public async Task An_import_takes_no_name_of_another()
    {
        await using var f = await HubFixture.Start();
        await Import(f, await Write(f, "a.gguf"), "acme/a");
        await Import(f, await Write(f, "a.gguf"), "acme/a");
        var other = await Write(f, "b.gguf", 2);
        Assert.Contains("--as", (await Assert.ThrowsAsync<ModelFileException>(() => Import(f, other, "acme/a"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be a model's name", (await Assert.ThrowsAsync<ModelFileException>(() => Import(f, other, "../a"))).Message, StringComparison.Ordinal);
        var stored = await Import(f, other, "b");
        Assert.Equal("local/b", stored.Repo);
        var text = Path.Combine(f.Folder, "text.gguf");
        await File.WriteAllTextAsync(text, "no model at all", Ct);
        Assert.Contains("is not a usable GGUF file", (await Assert.ThrowsAsync<ModelFileException>(() => Import(f, text))).Message, StringComparison.Ordinal);
        Assert.Contains("is not a usable GGUF file", Assert.Throws<ModelFileException>(() => f.Store.Resolve(text)).Message, StringComparison.Ordinal);
        var cut = Path.Combine(f.Folder, "cut.gguf");
        await File.WriteAllBytesAsync(cut, HubDouble.Gguf(3000)[..2000], Ct);
        Assert.Contains("is larger than the file", Assert.Throws<ModelFileException>(() => f.Store.Resolve(cut)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_goes_before_a_name()
    {
        await using var f = await HubFixture.Start();
        var path = await Write(f, "x.gguf");
        Assert.Equal(path, f.Store.Resolve(path));
        Assert.Contains("There is no file ./none.gguf", Assert.Throws<ModelFileException>(() => f.Store.Resolve("./none.gguf")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<ModelFileException>(() => f.Store.Resolve(f.Folder)).Message, StringComparison.Ordinal);
        Assert.Contains("`agentmesh model pull acme/none:Q8_0`", Assert.Throws<ModelFileException>(() => f.Store.Resolve("acme/none:q8_0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removing_keeps_what_another_commit_or_name_links_to()
    {
        await using var f = await HubFixture.Start();
        var (four, eight) = (f.Hub.Add("t-Q4_K_M.gguf", HubDouble.Gguf(300)), f.Hub.Add("t-Q8_0.gguf", HubDouble.Gguf(400, 2)));
        var twin = f.Hub.Add("twin-F16.gguf", four.Bytes);
        await f.Pull();
        await f.Pull(HubDouble.Repo + ":Q8_0");
        await f.Pull(HubDouble.Repo + ":f16");
        var old = f.Hub.Commit;
        f.Hub.Commit = new string('2', 40);
        await f.Pull();
        Assert.Equal(twin.Etag, four.Etag);

        f.Store.Remove(new ModelName.InRepo(HubDouble.Repo, "Q4_K_M"));
        Assert.True(File.Exists(f.Cached("blobs/" + four.Etag)));
        Assert.False(Directory.Exists(f.Cached("snapshots/" + f.Hub.Commit)));
        Assert.False(File.Exists(f.Cached("refs/main")));
        f.Store.Remove(new ModelName.InRepo(HubDouble.Repo, null, twin.Name));
        Assert.False(File.Exists(f.Cached("blobs/" + four.Etag)));
        Assert.Equal(f.Cached($"snapshots/{old}/t-Q8_0.gguf"), f.Store.Resolve(HubDouble.Repo));
        f.Store.Remove(new ModelName.InRepo(HubDouble.Repo, "Q8_0"));
        Assert.False(Directory.Exists(f.Cached()));
        Assert.Empty(f.Everything());
        Assert.Contains("agentmesh model ls", Assert.Throws<ModelFileException>(() => f.Store.Removable(new ModelName.InRepo(HubDouble.Repo))).Message, StringComparison.Ordinal);
        Assert.Equal(400, eight.Size);
    }

    [Fact]
    public async Task Removing_never_follows_a_link_out_of_the_repository()
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, HubDouble.Gguf(300));
        var path = await f.Pull();
        var own = await Write(f, "own.gguf");
        File.Delete(path);
        File.CreateSymbolicLink(path, own);
        f.Store.Remove(new ModelName.InRepo(HubDouble.Repo));
        Assert.True(File.Exists(own));
        Assert.False(Directory.Exists(f.Cached()));
    }

    [Fact]
    public async Task What_is_being_pulled_is_not_removed()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(300));
        await f.Pull();
        await using (await new HubCache(f.Options.CacheFolder, HubDouble.Repo).Lock(file.Etag, () => { }, TimeProvider.System, Ct))
            Assert.Contains("being pulled", Assert.Throws<ModelFileException>(() => f.Store.Remove(new ModelName.InRepo(HubDouble.Repo))).Message, StringComparison.Ordinal);
        f.Store.Remove(new ModelName.InRepo(HubDouble.Repo));
    }

    [Theory]
    [InlineData("HF_HUB_CACHE=/a;HF_HOME=/b;XDG_CACHE_HOME=/c", "/a")]
    [InlineData("HF_HOME=/b;XDG_CACHE_HOME=/c", "/b/hub")]
    [InlineData("XDG_CACHE_HOME=/c", "/c/huggingface/hub")]
    [InlineData("", "/home/ann/.cache/huggingface/hub")]
    [InlineData("HF_HOME=~/hf", "/home/ann/hf/hub")]
    public void The_cache_is_where_other_tools_look(string variables, string folder) => Assert.Equal(folder, Read(variables).CacheFolder);

    [Theory]
    [InlineData("https://mirror.example", "https://mirror.example/")]
    [InlineData("https://mirror.example/hf/", "https://mirror.example/hf/")]
    [InlineData("https://mirror.example/hf", "https://mirror.example/hf/")]
    public void An_endpoint_may_have_a_path(string value, string url) => Assert.Equal(url, Read("HF_ENDPOINT=" + value).Endpoint.ToString());

    [Theory]
    [InlineData("HF_ENDPOINT=mirror")]
    [InlineData("HF_ENDPOINT=ftp://mirror")]
    [InlineData("HF_ENDPOINT=https://me:pw@mirror")]
    [InlineData("HF_TOKEN=a\nb")]
    public void A_wrong_setting_is_named_and_a_token_not_shown(string variables)
    {
        var fault = Assert.Throws<ModelFileException>(() => Read(variables));
        Assert.Contains(variables.Split('=')[0], fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pw", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_may_be_in_a_file()
    {
        await using var f = await HubFixture.Start();
        await File.WriteAllTextAsync(Path.Combine(f.Folder, "token"), "hf_filed\n", Ct);
        Assert.Equal("hf_filed", Read($"HF_HOME={f.Folder}").Token);
        Assert.Equal("hf_set", Read($"HF_HOME={f.Folder};HF_TOKEN=hf_set").Token);
        Assert.Null(Read($"HF_HOME={f.Folder};HF_HUB_DISABLE_IMPLICIT_TOKEN=1").Token);
        Assert.True(Read("HF_HUB_OFFLINE=true").Offline);
    }

    private static HubOptions Read(string variables)
    {
        var set = variables.Split(';').Select(v => v.Split('=', 2)).Where(v => v.Length == 2).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return HubOptions.FromEnvironment(name => name == "HOME" ? "/home/ann" : set.GetValueOrDefault(name));
    }
}
