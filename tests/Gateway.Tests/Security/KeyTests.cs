using AgentMesh.Contracts;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>API keys, from making to revoking.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task A_key_is_told_once_says_who_its_holder_is_and_ends_at_once_when_it_is_revoked()
    {
        await using var world = await World.Start(World.Guarded);
        var made = await world.MakeKey("acme", "ann", [CallerRole.Approver, CallerRole.Submitter]);
        var (id, secret) = (made.GetProperty("key").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
        var me = (await world.As(secret, "/v1/me")).Json;
        Assert.Equal(
            ("acme", "ann", id, true, "submitter approver"),
            (me.GetProperty("tenant").GetString(), me.GetProperty("name").GetString(), me.GetProperty("key").GetString(), me.GetProperty("authenticated").GetBoolean(),
                string.Join(' ', me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()))));
        var list = await world.As(World.Admin, "/v1/keys?tenant=acme");
        Assert.Equal((1, false, false), (list.Json.GetArrayLength(), list.Text.Contains(secret, StringComparison.Ordinal), list.Json[0].TryGetProperty("revokedAt", out _)));
        Assert.DoesNotContain(secret.Split('_')[2], list.Text, StringComparison.Ordinal);

        // Rotation: the second works beside the first, and without it.
        var second = await world.Key("acme", "ann", CallerRole.Submitter);
        Assert.Equal(200, (await world.As(second, "/v1/me")).Status);
        for (var i = 0; i < 2; i++) Assert.Equal(204, (await world.As(World.Admin, HttpMethod.Delete, $"/v1/keys/{id}")).Status);
        (await world.As(secret, "/v1/me")).Problem(401, "key-revoked");
        Assert.Equal(200, (await world.As(second, "/v1/me")).Status);
        (await world.As(World.Admin, HttpMethod.Delete, "/v1/keys/nothing")).Problem(404, "key-not-found");
        Assert.True((await world.As(World.Admin, "/v1/keys?tenant=acme")).Json.EnumerateArray().Single(k => k.GetProperty("id").GetString() == id).TryGetProperty("revokedAt", out _));
    }

    [Fact]
    public async Task A_key_expires_and_one_that_another_gateway_revoked_ends_within_seconds()
    {
        var time = new EngineConformance.ManualTime();
        await using var world = await World.Start(World.Guarded, time);
        var brief = (await world.MakeKey("acme", "ann", [CallerRole.Submitter], $",\"expiresAt\":\"{time.GetUtcNow().AddMinutes(1):O}\"")).GetProperty("secret").GetString()!;
        var other = await world.MakeKey("acme", "ben", [CallerRole.Submitter]);
        var secret = other.GetProperty("secret").GetString()!;
        Assert.Equal((200, 200), ((await world.As(brief, "/v1/me")).Status, (await world.As(secret, "/v1/me")).Status));
        await world.Keys.Revoke(other.GetProperty("key").GetProperty("id").GetString()!, time.GetUtcNow(), World.Ct);
        time.Advance(KeyRing.Belief);
        (await world.As(secret, "/v1/me")).Problem(401, "key-revoked");
        Assert.Equal(200, (await world.As(brief, "/v1/me")).Status);
        time.Advance(TimeSpan.FromMinutes(1));
        (await world.As(brief, "/v1/me")).Problem(401, "key-expired");
    }

    [Theory]
    [InlineData("""{"name":"x","roles":[]}""", 422, "roles-invalid")]
    [InlineData("""{"name":"x","roles":[7]}""", 422, "roles-invalid")]
    [InlineData("""{"name":"x","roles":["root"]}""", 400, "json-invalid")]
    [InlineData("""{"name":"","roles":["admin"]}""", 422, "name-invalid")]
    [InlineData("""{"name":"x","roles":["admin"],"tenant":"a\nb"}""", 422, "name-invalid")]
    [InlineData("""{"name":"x","roles":["admin"],"expiresAt":"2001-01-01T00:00:00Z"}""", 422, "expiry-invalid")]
    [InlineData("""{"name":"x","roles":["admin"],"roles":["admin"]}""", 400, "json-invalid")]
    public async Task A_key_that_makes_no_sense_is_not_made(string json, int status, string code)
    {
        await using var world = await World.Start(World.Guarded);
        (await world.As(World.Admin, HttpMethod.Post, "/v1/keys", json)).Problem(status, code);
        Assert.Equal(0, (await world.As(World.Admin, "/v1/keys")).Json.GetArrayLength());
    }

    [Fact]
    public async Task The_use_of_a_key_is_no_reason_to_believe_it_for_longer()
    {
        var time = new EngineConformance.ManualTime();
        await using var world = await World.Start(World.Guarded, time);
        var made = await world.MakeKey("acme", "ann", [CallerRole.Submitter]);
        var secret = made.GetProperty("secret").GetString()!;
        Assert.Equal(200, (await world.As(secret, "/v1/me")).Status);
        time.Advance(TimeSpan.FromMinutes(5) - KeyRing.Belief / 2);
        Assert.Equal(200, (await world.As(secret, "/v1/me")).Status);
        await world.Keys.Revoke(made.GetProperty("key").GetProperty("id").GetString()!, time.GetUtcNow(), World.Ct);
        time.Advance(KeyRing.Belief / 2);
        // Its use is noted again here, in the midst of the belief.
        Assert.Equal(200, (await world.As(secret, "/v1/me")).Status);
        time.Advance(KeyRing.Belief / 2);
        (await world.As(secret, "/v1/me")).Problem(401, "key-revoked");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_revoked_key_keeps_no_stream_however_much_comes_over_it(bool busy)
    {
        await using var world = await World.Start(World.Guarded with { Heartbeat = TimeSpan.FromMilliseconds(20) }, decorate: mesh => busy ? new Flood(mesh) : mesh);
        var made = await world.MakeKey("acme", "ann", [CallerRole.Submitter]);
        var (id, secret) = (made.GetProperty("key").GetProperty("id").GetString(), made.GetProperty("secret").GetString()!);
        var goal = (await world.As(secret, HttpMethod.Post, "/v1/goals", """{"text":"ask"}""")).Json.GetProperty("goal").GetString();
        using var stream = await world.Open($"/v1/goals/{goal}/events", ("Authorization", $"Bearer {secret}"));
        using var other = await world.Open($"/v1/goals/{goal}/events", ("Authorization", $"Bearer {World.Admin}"));
        Assert.NotNull(await stream.ReadLineAsync(World.Ct));
        Assert.Equal(204, (await world.As(World.Admin, HttpMethod.Delete, $"/v1/keys/{id}")).Status);
        while (await stream.ReadLineAsync(World.Ct) is not null)
        {
        }

        for (var i = 0; i < 10; i++) Assert.NotNull(await other.ReadLineAsync(World.Ct));
    }

    [Theory]
    [InlineData("am__0123456789abcdef0123456789abcdef")]
    [InlineData("am_x_short")]
    [InlineData("am_x_0123456789abcdef0123456789abcdef_more")]
    [InlineData("am_a-b_0123456789abcdef0123456789abcdef")]
    [InlineData("AM_x_0123456789abcdef0123456789abcdef")]
    [InlineData("am_x_0123456789abcdef0123456789abcd\u00e9f")]
    public void What_is_no_key_is_not_taken_for_one(string text) => Assert.Null(ApiKey.Parse(text));

    [Fact]
    public void A_new_key_is_proven_by_its_own_text_only()
    {
        var (key, text) = ApiKey.New();
        Assert.True(ApiKey.Parse(text)!.IsProvenBy(key.SecretHash));
        Assert.False(ApiKey.Parse(ApiKey.New().Text)!.IsProvenBy(key.SecretHash));
        Assert.False(key.IsProvenBy(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public async Task Who_did_what_is_in_the_audit_log_under_the_name_of_the_key()
    {
        await using var world = await World.Start(World.Guarded);
        var made = await world.MakeKey("acme", "ann", [CallerRole.Submitter, CallerRole.Approver]);
        var (id, ann) = (made.GetProperty("key").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
        var goal = (await world.As(ann, HttpMethod.Post, "/v1/goals", """{"text":"call"}""")).Json.GetProperty("goal").GetString()!;
        var request = (await world.As(ann, $"/v1/goals/{goal}/wait?timeout=60")).Json.GetProperty("openApprovals")[0].GetProperty("request").GetString()!;
        var path = $"/v1/goals/{goal}/requests/{request}/decision";
        Assert.Equal(204, (await world.As(ann, HttpMethod.Post, path, """{"verdict":"approve","by":"the boss"}""")).Status);
        (await world.As(ann, HttpMethod.Post, path, """{"verdict":"reject","reason":"secret words"}""")).Problem(409, "request-closed");
        await world.As(ann, $"/v1/goals/{goal}/wait?timeout=60");
        Assert.Contains("\"by\":\"ann\"", (await world.As(ann, $"/v1/goals/{goal}/events")).Text, StringComparison.Ordinal);
        await world.As(World.Admin, HttpMethod.Post, "/v1/cluster/silos/b/drain");
        await world.As(World.Admin, HttpMethod.Delete, $"/v1/keys/{id}");

        var first = await world.As(World.Admin, "/v1/audit?limit=4");
        var rest = await world.As(World.Admin, $"/v1/audit?limit=4&before={first.Json.GetProperty("next").GetString()}");
        Assert.False(rest.Json.TryGetProperty("next", out _));
        Assert.Equal(
            [
                $"acme admin key.create   {id} ann: submitter, approver ", $"acme ann goal.decide {goal} {request} approved ", $"acme ann goal.decide {goal} {request} rejected ",
                $"acme ann goal.decide {goal} {request} rejected request-closed", "default admin silo.drain   b ", $"acme admin key.revoke   {id} ann ",
            ],
            rest.Json.GetProperty("entries").EnumerateArray().Reverse().Concat(first.Json.GetProperty("entries").EnumerateArray().Reverse()).Select(e => string.Join(
                ' ', new[] { "tenant", "caller", "action", "goal", "request", "detail", "refused" }.Select(n => e.TryGetProperty(n, out var value) ? value.GetString() : ""))));
        Assert.DoesNotContain("secret words", first.Text, StringComparison.Ordinal);
        Assert.Equal(3, (await world.As(World.Admin, $"/v1/audit?goal={goal}")).Json.GetProperty("entries").GetArrayLength());
        Assert.Equal(1, (await world.As(World.Admin, "/v1/audit?tenant=default")).Json.GetProperty("entries").GetArrayLength());
        (await world.As(World.Admin, "/v1/audit?before=AAAA")).Problem(400, "cursor-invalid");
    }
}
