using System.Security.Cryptography;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Conformance;

public sealed class PostgresContentStoreTests(PostgresServer server) : ContentStoreConformance
{
    protected override async Task<IContentStore> Open() => Keep(await server.NewStore()).Content;
}

/// <summary>What every content store must do.</summary>
public abstract class ContentStoreConformance : StoreTests
{
    protected abstract Task<IContentStore> Open();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(5 * 1024 * 1024)]
    public async Task Bytes_come_back_under_their_hash(int length)
    {
        var store = await Open();
        var bytes = Bytes(length);
        var stored = await store.Put(bytes, "application/octet-stream", Ct);
        Assert.Equal(new ContentRef(Convert.ToHexStringLower(SHA256.HashData(bytes)), length, "application/octet-stream"), stored);
        Assert.True((await store.Get(stored, Ct)).Span.SequenceEqual(bytes));
    }

    [Fact]
    public async Task The_same_bytes_are_one_content_also_when_stored_at_once_and_under_other_types()
    {
        var store = await Open();
        var bytes = Bytes(50_000);
        var refs = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => store.Put(bytes, $"text/{n}", Ct)));
        Assert.Single(refs.Select(r => r.Sha256).Distinct());
        Assert.Equal(8, refs.Select(r => r.MediaType).Distinct().Count());
        Assert.True((await store.Get(refs[3], Ct)).Span.SequenceEqual(bytes));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("no hash at all")]
    [InlineData("")]
    public async Task Unknown_content_is_said_to_be_unknown(string hash)
    {
        var store = await Open();
        await Assert.ThrowsAsync<KeyNotFoundException>(() => store.Get(new(hash, 1, "text/plain"), Ct));
    }

    [Fact]
    public async Task Content_over_the_limit_is_refused_with_the_limit()
    {
        var store = await Open();
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => store.Put(new byte[32 * 1024 * 1024 + 1], "x/y", Ct));
        Assert.Contains("33,554,432", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
