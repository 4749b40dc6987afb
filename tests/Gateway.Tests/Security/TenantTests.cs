using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>What callers name in bodies and queries counts only for those who may name it.</summary>
public sealed class TenantTests
{
    [Fact]
    public async Task A_submit_is_the_callers_whatever_its_body_says()
    {
        await using var world = await World.Start(World.Guarded);
        var key = await world.Key("acme", "sue", CallerRole.Submitter);
        var made = await world.As(key, HttpMethod.Post, "/v1/goals", """{"text":"work","submittedBy":"the boss"}""");
        var spec = (await world.As(key, made.Location!)).Json.GetProperty("spec");
        Assert.Equal(("acme", "sue"), (spec.GetProperty("tenant").GetString(), spec.GetProperty("submittedBy").GetString()));
        (await world.As(key, HttpMethod.Post, "/v1/goals", """{"text":"work","tenant":"initech"}""")).Problem(403, "tenant-forbidden");
        Assert.Equal(201, (await world.As(key, HttpMethod.Post, "/v1/goals", """{"text":"work","tenant":"acme"}""")).Status);

        var other = await world.As(World.Admin, HttpMethod.Post, "/v1/goals", """{"text":"work","tenant":"initech"}""");
        Assert.Equal("initech", (await world.As(World.Admin, other.Location!)).Json.GetProperty("spec").GetProperty("tenant").GetString());
        (await world.As(key, other.Location!)).Problem(404, "goal-not-found");
    }

    [Fact]
    public async Task The_list_has_the_callers_tenant_and_an_operators_has_all()
    {
        await using var world = await World.Start(World.Guarded);
        var (ann, ben) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("initech", "ben", CallerRole.Submitter));
        var ours = (await world.As(ann, HttpMethod.Post, "/v1/goals", """{"text":"work"}""")).Json.GetProperty("goal").GetString()!;
        var theirs = (await world.As(ben, HttpMethod.Post, "/v1/goals", """{"text":"work"}""")).Json.GetProperty("goal").GetString()!;
        var olga = await world.Key("ops", "olga", CallerRole.Operator);
        Assert.Equal([ours], await Goals(ann, ""));
        Assert.Equal([ours], await Goals(ann, "?tenant=acme"));
        (await world.As(ann, "/v1/goals?tenant=initech")).Problem(403, "tenant-forbidden");
        Assert.Equal(new HashSet<string> { ours, theirs }, [.. await Goals(olga, "")]);
        Assert.Equal([theirs], await Goals(olga, "?tenant=initech"));
        Assert.Equal([theirs], await Goals(World.Admin, "?tenant=initech"));

        async Task<IEnumerable<string>> Goals(string key, string query) =>
            (await world.As(key, "/v1/goals" + query)).Json.GetProperty("goals").EnumerateArray().Select(g => g.GetProperty("goal").GetString()!);
    }

    [Fact]
    public async Task Knowledge_is_the_callers_tenants()
    {
        await using var world = await World.Start(World.Guarded);
        var (ann, ben) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("initech", "ben", CallerRole.Submitter));
        Assert.Equal(204, (await world.As(ann, HttpMethod.Post, "/v1/knowledge", """{"collection":"faq","name":"a","text":"the secret sauce"}""")).Status);
        (await world.As(ben, HttpMethod.Post, "/v1/knowledge", """{"collection":"faq","name":"a","text":"poison","tenant":"acme"}""")).Problem(403, "tenant-forbidden");
        foreach (var path in new[] { "/v1/knowledge?", "/v1/knowledge/search?q=sauce&" })
        {
            Assert.Equal(1, (await world.As(ann, path)).Json.GetArrayLength());
            Assert.Equal(0, (await world.As(ben, path)).Json.GetArrayLength());
            (await world.As(ben, path + "tenant=acme")).Problem(403, "tenant-forbidden");
            Assert.Equal(1, (await world.As(World.Admin, path + "tenant=acme")).Json.GetArrayLength());
        }
    }

    [Fact]
    public async Task An_id_that_another_tenant_took_gives_nothing_away()
    {
        await using var world = await World.Start(World.Guarded);
        var (ann, ben) = (await world.Key("acme", "ann", CallerRole.Submitter), await world.Key("initech", "ben", CallerRole.Submitter));
        Assert.Equal(201, (await world.As(ann, HttpMethod.Post, "/v1/goals", """{"text":"work","goal":"chosen-one"}""")).Status);
        (await world.As(ben, HttpMethod.Post, "/v1/goals", """{"text":"work","goal":"chosen-one"}""")).Problem(422, "idempotency-key-reused");
        (await world.As(ben, "/v1/goals/chosen-one")).Problem(404, "goal-not-found");
    }
}
