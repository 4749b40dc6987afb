using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Npgsql;

namespace AgentMesh.Conformance;

public sealed class InMemoryAccessTests : AccessConformance
{
    protected override Task<(IKeyStore, IAuditLog)> Open() => Task.FromResult<(IKeyStore, IAuditLog)>((new InMemoryKeys(), new InMemoryAudit()));
}

public sealed class PostgresAccessTests(PostgresServer server) : AccessConformance
{
    protected override async Task<(IKeyStore, IAuditLog)> Open() => Keep(await server.NewStore()) is var store ? (store.Keys, store.Audit) : default;

    [Theory]
    [InlineData("UPDATE audit SET caller = 'somebody else'")]
    [InlineData("DELETE FROM audit")]
    [InlineData("TRUNCATE audit")]
    public async Task What_is_written_down_is_not_changed_any_more(string sql)
    {
        var schema = await server.NewSchema();
        var store = Keep(await PostgresServer.Open(schema));
        await store.Audit.Append(Line("1"), Ct);
        await using var source = NpgsqlDataSource.Create(schema);
        await using var change = source.CreateCommand(sql);
        Assert.Contains("only ever added to", (await Assert.ThrowsAsync<PostgresException>(() => change.ExecuteNonQueryAsync(Ct))).Message, StringComparison.Ordinal);
        Assert.Single(await store.Audit.Read(new(), Ct));
    }
}

/// <summary>What every store of keys and every audit log must do.</summary>
public abstract class AccessConformance : StoreTests
{
    private static readonly DateTimeOffset At = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    protected abstract Task<(IKeyStore Keys, IAuditLog Audit)> Open();

    [Fact]
    public async Task A_key_is_found_as_it_was_added()
    {
        var (keys, _) = await Open();
        var full = Key("k1", At) with { ExpiresAt = At.AddDays(1), RevokedAt = At.AddDays(2), LastUsedAt = At.AddHours(1) };
        await keys.Add(new(full, new byte[] { 1, 2, 255 }), Ct);
        await keys.Add(new(Key("k2", At), new byte[] { 3 }), Ct);
        var found = (await keys.Find("k1", Ct))!;
        Assert.Equal([1, 2, 255], found.SecretHash.ToArray());
        Assert.Equal(full.Roles, found.Key.Roles);
        Assert.Equal(full with { Roles = [] }, found.Key with { Roles = [] });
        Assert.Equal((null, null, null), ((await keys.Find("k2", Ct))!.Key is var bare ? (bare.ExpiresAt, bare.RevokedAt, bare.LastUsedAt) : default));
        Assert.Null(await keys.Find("K1", Ct));
    }

    [Fact]
    public async Task Keys_are_listed_newest_first_by_tenant_or_all()
    {
        var (keys, _) = await Open();
        await keys.Add(new(Key("a", At), new byte[1]), Ct);
        await keys.Add(new(Key("b", At.AddSeconds(2)), new byte[1]), Ct);
        await keys.Add(new(Key("c", At.AddSeconds(1)) with { Tenant = "initech" }, new byte[1]), Ct);
        Assert.Equal(["b", "c", "a"], (await keys.List(null, Ct)).Select(k => k.Id));
        Assert.Equal(["b", "a"], (await keys.List("acme", Ct)).Select(k => k.Id));
        Assert.Empty(await keys.List("nobody", Ct));
    }

    [Fact]
    public async Task A_key_is_revoked_once_and_its_use_is_noted()
    {
        var (keys, _) = await Open();
        await keys.Add(new(Key("a", At), new byte[1]), Ct);
        Assert.True(await keys.Revoke("a", At.AddDays(1), Ct));
        Assert.True(await keys.Revoke("a", At.AddDays(2), Ct));
        Assert.False(await keys.Revoke("b", At, Ct));
        await keys.Used("a", At.AddHours(3), Ct);
        await keys.Used("b", At, Ct);
        var key = (await keys.Find("a", Ct))!.Key;
        Assert.Equal((At.AddDays(1), At.AddHours(3)), (key.RevokedAt, key.LastUsedAt));
    }

    [Fact]
    public async Task The_log_is_read_newest_first_page_by_page_and_by_tenant_and_goal()
    {
        var (_, audit) = await Open();
        foreach (var n in new[] { "1", "2", "3", "4" }) await audit.Append(Line(n), Ct);
        await audit.Append(Line("5") with { Tenant = "initech", Goal = null, Key = null, Request = null, Refused = "goal-over" }, Ct);
        Assert.Equal(["5", "4", "3", "2", "1"], Details(await audit.Read(new(), Ct)));
        var page = await audit.Read(new("acme", Limit: 2), Ct);
        Assert.Equal(["4", "3"], Details(page));
        Assert.Equal(["2", "1"], Details(await audit.Read(new("acme", Limit: 2, Before: page[^1].Sequence), Ct)));
        Assert.Equal(["2"], Details(await audit.Read(new(Goal: "goal-2"), Ct)));
        var last = (await audit.Read(new("initech"), Ct)).Single();
        Assert.Equal(new AuditEntry(last.Sequence, At, "initech", "ann", null, "goal.decide", null, null, "5", "goal-over"), last);
        Assert.Equal(Line("1") with { Sequence = (await audit.Read(new(Goal: "goal-1"), Ct)).Single().Sequence }, (await audit.Read(new(Goal: "goal-1"), Ct)).Single());
    }

    protected static AuditEntry Line(string n) => new(0, At, "acme", "ann", "k1", "goal.decide", $"goal-{n}", "r1", n);

    private static KeyView Key(string id, DateTimeOffset at) => new(id, "acme", "Ann's key", [CallerRole.Submitter, CallerRole.Operator], at, "admin");

    private static IEnumerable<string?> Details(IReadOnlyList<AuditEntry> entries) => entries.Select(e => e.Detail);
}
