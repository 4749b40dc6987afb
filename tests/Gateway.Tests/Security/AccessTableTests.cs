using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests.Security;

/// <summary>Every route × role × tenant. The routes are the app's own: one that is not in the table fails, until somebody says here whom it is for.</summary>
public sealed class AccessTableTests
{
    private const string Open = "anyone", All = "submitter approver operator admin";

    /// <param name="Route">As the app has it.</param>
    /// <param name="Roles">Who may call it.</param>
    /// <param name="Json">A body that the route takes.</param>
    /// <param name="Query">Keeps the answer short.</param>
    /// <param name="Foreign">The route says in its protocol's own form what is wrong.</param>
    private sealed record Row(string Route, string Roles, string? Json = null, string Query = "", bool Foreign = false)
    {
        public HttpMethod Method => new(Route.Split(' ')[0]);

        public bool OfGoal => Route.Contains("/goals/{id}", StringComparison.Ordinal);

        /// <param name="goal">Stands for the route's goal, or key.</param>
        public string Path(string goal, string request) => Route.Split(' ')[1].Replace("{id}", goal, StringComparison.Ordinal)
            .Replace("{request}", request, StringComparison.Ordinal).Replace("{artifact}", "nothing", StringComparison.Ordinal).Replace("{name}", "b", StringComparison.Ordinal).Replace("{**rest}", "nothing", StringComparison.Ordinal).Replace("{**path}", "nothing", StringComparison.Ordinal) + Query;
    }

    private static readonly Row[] Table =
    [
        new("POST /v1/goals", "submitter admin", """{"text":"work"}"""),
        new("GET /v1/goals", All),
        new("GET /v1/goals/{id}", All),
        new("GET /v1/goals/{id}/explain", All),
        new("GET /v1/goals/{id}/wait", All, Query: "?timeout=0"),
        new("GET /v1/goals/{id}/events", All, Query: "?follow=false"),
        new("GET /v1/goals/{id}/artifacts", All),
        new("GET /v1/goals/{id}/artifacts/{artifact}", All),
        new("GET /v1/goals/{id}/artifacts/{artifact}/raw", All),
        new("GET /v1/approvals", All),
        new("GET /v1/approvals/events", All),
        new("GET /v1/usage", All),
        new("POST /v1/goals/{id}/requests/{request}/decision", "approver admin", """{"verdict":"reject","reason":"no"}"""),
        new("POST /v1/goals/{id}/requests/{request}/answer", "approver admin", """{"answer":"yes"}"""),
        new("POST /v1/goals/{id}/fork", "submitter admin", """{"fromStep":"a"}"""),
        new("POST /v1/goals/{id}/messages", "submitter admin", """{"text":"news"}"""),
        new("POST /v1/goals/{id}/cancel", "submitter operator admin", "{}"),
        new("POST /v1/knowledge", "submitter admin", """{"collection":"c","name":"n","text":"t"}"""),
        new("GET /v1/knowledge", All),
        new("GET /v1/knowledge/search", All, Query: "?q=t"),
        new("GET /v1/roles", All),
        new("GET /v1/tools", All),
        new("GET /v1/playbooks", All),
        new("GET /v1/cluster", "operator admin"),
        new("GET /v1/activity", "operator admin"),
        new("POST /v1/cluster/silos/{name}/drain", "operator admin"),
        new("POST /v1/keys", "admin", """{"name":"n","roles":["submitter"]}"""),
        new("GET /v1/keys", "admin"),
        new("DELETE /v1/keys/{id}", "admin"),
        new("GET /v1/me", All),
        new("GET /v1/audit", "operator admin"),
        new("GET /v1/models", All, Foreign: true),
        new("GET /v1/models/{**model}", All, Foreign: true),
        new("POST /v1/chat/completions", "submitter admin", """{"model":"agentmesh","messages":[{"role":"user","content":"work"}]}""", Foreign: true),
        new("POST /v1/responses", "submitter admin", """{"model":"agentmesh","input":"work"}""", Foreign: true),
        new("GET /v1/responses/{id}", All, Foreign: true),
        new("POST /v1/responses/{id}/cancel", "submitter operator admin", "{}", Foreign: true),
        new("POST /v1/embeddings", "submitter admin", """{"model":"m","input":"t"}""", Foreign: true),
        new("GET /.well-known/agent-card.json", Open),
        new("POST /a2a", All, "{}", Foreign: true),
        new("POST /ag-ui", "submitter approver admin", "{}", Foreign: true),
        new("POST /mcp", All, "{}", Foreign: true),
        new("GET /mcp", All, Foreign: true),
        new("DELETE /mcp", All, Foreign: true),
        new("* /v1/{**rest}", All),
        new("GET /{**path}", Open),
        new("HEAD /{**path}", Open),
        new("GET /openapi/v1.json", Open),
        new("GET /health/startup", Open),
        new("GET /health/ready", Open),
        new("GET /health/live", Open),
    ];

    [Fact]
    public async Task Every_route_of_the_app_is_in_the_table_with_the_roles_that_it_declares()
    {
        await using var world = await World.Start(World.Guarded);
        Assert.Equal(
            Table.Select(r => $"{r.Route}: {r.Roles}").Order(StringComparer.Ordinal),
            world.Routes.Select(r => $"{r.Key}: {Declared(r.Value.Roles)}").Order(StringComparer.Ordinal));

        static string Declared(IReadOnlyList<CallerRole>? roles) =>
            roles is null ? Open : string.Join(' ', roles.Append(CallerRole.Admin).Distinct().Order().Select(r => r.ToString().ToLowerInvariant()));
    }

    [Fact]
    public async Task Each_role_gets_through_where_the_table_says_so_and_nobody_without_a_key()
    {
        await using var world = await World.Start(World.Guarded);
        var submitter = await world.Key("acme", "sue", CallerRole.Submitter);
        foreach (var row in Table)
        {
            foreach (var role in Enum.GetValues<CallerRole>())
            {
                var key = await world.Key("acme", "x", role);
                var (goal, request) = await Waiting(world, submitter);
                var answer = await world.As(key, Method(row), row.Path(row.OfGoal ? goal : "nobody", request), row.Json);
                var allowed = row.Roles == Open || row.Roles.Contains(role.ToString(), StringComparison.OrdinalIgnoreCase);
                if (!allowed && row.Foreign) Assert.True(answer.Status == 403 && answer.Text.Contains("This needs the role", StringComparison.Ordinal), $"{row.Route} as {role}: {answer.Text}");
                else if (!allowed) answer.Problem(403, "role-missing");
                else if (row.OfGoal) Assert.False(answer.Status is 401 or 403 || answer.Text.Contains("goal-not-found", StringComparison.Ordinal), $"{row.Route} as {role}: {answer.Text}");
                else Assert.False(answer.Status is 401 or 403, $"{row.Route} as {role}: {answer.Text}");
            }

            foreach (var nobody in new[] { null, "", "x", "am_admin_ffffffffffffffffffffffffffffffff", "am_nobody_ffffffffffffffffffffffffffffffff", submitter + "0", submitter[..^1] })
            {
                var refused = await world.As(nobody, Method(row), row.Path("nobody", "r"), row.Json);
                if (row.Roles == Open) Assert.NotEqual(401, refused.Status);
                else Assert.Equal(401, refused.Status);
            }
        }
    }

    [Fact]
    public async Task The_goals_of_another_tenant_are_not_there_and_it_sounds_as_if_they_had_never_been()
    {
        await using var world = await World.Start(World.Guarded);
        var ours = await world.Key("acme", "sue", CallerRole.Submitter);
        var theirs = await world.Key("initech", "eve", CallerRole.Submitter, CallerRole.Approver);
        var (mine, request) = await Waiting(world, theirs);
        foreach (var row in Table.Where(r => r.OfGoal))
        {
            var (goal, asked) = await Waiting(world, ours);
            var unknown = (await world.As(theirs, Method(row), row.Path("nobody", asked), row.Json)).Problem(404, "goal-not-found").Text;
            // Also with an id of their own beside it.
            foreach (var id in new[] { asked, request })
                Assert.Equal(unknown.Replace("nobody", goal, StringComparison.Ordinal), (await world.As(theirs, Method(row), row.Path(goal, id), row.Json)).Problem(404, "goal-not-found").Text);
            Assert.Equal("Waiting", (await world.As(ours, $"/v1/goals/{goal}")).Json.GetProperty("status").GetString());
            // Our request under their own goal is no request.
            if (row.Route.Contains("{request}", StringComparison.Ordinal)) Assert.InRange((await world.As(theirs, Method(row), row.Path(mine, "no-such-request"), row.Json)).Status, 400, 499);
            foreach (var role in new[] { CallerRole.Operator, CallerRole.Admin })
            {
                var seen = await world.As(await world.Key("ops", "olga", role), Method(row), row.Path(goal, asked), row.Json);
                if (row.Roles.Contains(role.ToString(), StringComparison.OrdinalIgnoreCase)) Assert.False(seen.Status is 403 || seen.Text.Contains("goal-not-found", StringComparison.Ordinal), $"{row.Route} as {role}: {seen.Text}");
                else seen.Problem(403, "role-missing");
            }
        }
    }

    private static HttpMethod Method(Row row) => row.Method.Method == "*" ? HttpMethod.Get : row.Method;

    /// <summary>A goal that waits for consent.</summary>
    private static async Task<(string Goal, string Request)> Waiting(World world, string key)
    {
        var goal = (await world.As(key, HttpMethod.Post, "/v1/goals", """{"text":"call"}""")).Json.GetProperty("goal").GetString()!;
        var view = (await world.As(key, $"/v1/goals/{goal}/wait?timeout=60")).Json;
        return (goal, view.GetProperty("openApprovals")[0].GetProperty("request").GetString()!);
    }
}
