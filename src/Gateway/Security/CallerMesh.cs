using System.Runtime.CompilerServices;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.Security;

/// <summary>
/// The mesh as one caller sees it, and the only one that endpoints and protocols may use: the goals of other tenants are not there, what people tell
/// goals carries the caller's name, and it is in the audit log.
/// </summary>
internal sealed class CallerMesh(IMesh mesh, GoalTenants tenants, TenantBudget budget, AuditTrail audit, Caller caller) : IMesh
{
    /// <summary>For minimal APIs: the caller's mesh as an endpoint's parameter.</summary>
    public static ValueTask<CallerMesh?> BindAsync(HttpContext http) => ValueTask.FromResult<CallerMesh?>(Of(http));

    public static CallerMesh Of(HttpContext http) => new(
        http.RequestServices.GetRequiredService<IMesh>(), http.RequestServices.GetRequiredService<GoalTenants>(),
        http.RequestServices.GetRequiredService<TenantBudget>(), http.RequestServices.GetRequiredService<AuditTrail>(), Caller.Of(http));

    /// <exception cref="ProblemException">403: the goal is for a tenant that the caller may not name; 429: the tenant has spent what it may today.</exception>
    public async Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default)
    {
        var mine = spec with { Tenant = caller.TenantOr(spec.Tenant), SubmittedBy = caller.By(spec.SubmittedBy, "submittedBy") };
        await Admit(mine.Tenant, ct);
        var made = await mesh.Submit(mine, goal, ct);
        // An id that was chosen may be that of an older goal, of whomever.
        if (goal is null) tenants.Remember(made, mine.Tenant);
        return made;
    }

    /// <summary>Whether the tenant may submit now: for those who have work to do before they submit.</summary>
    /// <exception cref="ProblemException">429: the tenant has spent what it may today.</exception>
    public ValueTask Admit(string tenant, CancellationToken ct) => budget.Require(tenant, ct);

    public async Task<GoalView> Get(GoalId goal, CancellationToken ct = default)
    {
        try
        {
            var view = await mesh.Get(goal, ct);
            tenants.Remember(goal, view.Spec.Tenant);
            return caller.Sees(view.Spec.Tenant) ? view : throw Input.NoGoal(goal);
        }
        catch (MeshException e) when (e.Code == "goal-not-found")
        {
            throw Input.NoGoal(goal);
        }
    }

    /// <exception cref="ProblemException">403: the query names a tenant that the caller may not name.</exception>
    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) =>
        mesh.List(query with { Tenant = caller.ScopeOf(query.Tenant) }, ct);

    public async IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await Require(goal, ct);
        await foreach (var entry in mesh.Events(goal, after, follow, ct)) yield return entry;
    }

    public async Task<GoalView> Wait(GoalId goal, CancellationToken ct = default)
    {
        await Require(goal, ct);
        return await mesh.Wait(goal, ct);
    }

    public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => Do(
        goal, "goal.decide", () => mesh.Decide(goal, decision with { By = caller.By(decision.By) }, ct), ct, decision.Request.Value, decision.Verdict.ToString().ToLowerInvariant());

    public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) =>
        Do(goal, "goal.answer", () => mesh.Answer(goal, answer with { By = caller.By(answer.By) }, ct), ct, answer.Request.Value);

    public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => Do(goal, "goal.tell", () => mesh.Tell(goal, message with { By = caller.By(message.By) }, ct), ct);

    public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => Do(goal, "goal.cancel", () => mesh.Cancel(goal, request with { By = caller.By(request.By) }, ct), ct);

    /// <remarks>The new goal is of the same tenant.</remarks>
    /// <exception cref="ProblemException">429: the tenant has spent what it may today.</exception>
    public async Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default)
    {
        var tenant = await Require(goal, ct);
        await Admit(tenant, ct);
        var made = await mesh.Fork(goal, request with { By = caller.By(request.By, "submittedBy") }, fork, ct);
        if (fork is null) tenants.Remember(made, tenant);
        return made;
    }

    /// <summary>The goal's tenant.</summary>
    /// <exception cref="MeshException">There is no such goal for this caller; <c>goal-not-found</c> either way.</exception>
    public async ValueTask<string> Require(GoalId goal, CancellationToken ct) =>
        await tenants.Of(goal, ct) is { } tenant && caller.Sees(tenant) ? tenant : throw Input.NoGoal(goal);

    private async Task Do(GoalId goal, string action, Func<Task> work, CancellationToken ct, string? request = null, string? detail = null) =>
        await audit.Do(caller, action, work, ct, await Require(goal, ct), goal.Value, request, detail);
}
