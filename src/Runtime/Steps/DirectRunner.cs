using AgentMesh.Agents;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Runtime.Telemetry;
using Span = System.Diagnostics.Activity;

namespace AgentMesh.Runtime;

/// <summary>A piece of work for an agent outside any goal.</summary>
/// <param name="Agent">Who does it, for messages.</param>
/// <param name="Produces">The artifact kind wanted.</param>
/// <param name="Notes">What the agent remembers, by topic.</param>
public sealed record DirectWork(
    string Role, string Agent, string Instruction, string Produces, IReadOnlyList<Artifact> Inputs, string Tenant, TimeSpan Deadline,
    IReadOnlyDictionary<string, string> Notes);

public sealed record DirectAnswer(Artifact Value, double Confidence, string Tier, Rationale Why);

/// <summary>
/// Runs an agent for a caller who waits, without goal, journal or person: rules, models and tools without effect. Whatever changes the world or
/// needs consent is refused with the advice to submit a goal.
/// </summary>
public sealed class DirectRunner(IAgent agent, Toolbox toolbox, IModels models, MeshCatalogue catalogue, RuntimeOptions options, TimeProvider time)
{
    private static readonly StepId Step = new("direct");
    private static readonly GoalConstraints Unconstrained = new();

    /// <param name="progress">Told after each call: <c>model</c> or <c>tool</c>, its name, seconds, and what went wrong.</param>
    /// <exception cref="MeshException">Codes <c>bad-request</c>, <c>agent-failed</c>, <c>agent-unsure</c>, <c>needs-goal</c>, <c>deadline</c>.</exception>
    public async Task<DirectAnswer> Run(DirectWork work, Action<string, string, double, string?>? progress, CancellationToken ct)
    {
        var role = catalogue.Roles.GetValueOrDefault(work.Role)
            ?? throw new MeshException("bad-request", $"This mesh has no role {work.Role}. It has: {string.Join(", ", catalogue.Roles.Keys.Order(StringComparer.Ordinal))}.");
        if (!role.Capabilities.Any(c => c.Produces == work.Produces))
            throw new MeshException("bad-request", $"The role {role.Name} does not produce {work.Produces}. It produces: {string.Join(", ", role.Capabilities.Select(c => c.Produces).Distinct(StringComparer.Ordinal))}.");

        using var span = GoalSpans.Direct(role.Name, work.Agent);
        using var deadline = new CancellationTokenSource(work.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var step = new PlanStep { Id = Step, Role = role.Name, Instruction = Instruction(work), Produces = work.Produces, Inputs = [.. work.Inputs.Select(i => i.Id)] };
        var spec = new GoalSpec { Text = work.Instruction, Tenant = work.Tenant, Inputs = work.Inputs };
        var tools = toolbox.For(Unconstrained, role, step).Where(IsHarmless).ToList();
        var calls = new DirectCalls(spec, step, role, toolbox, new MeteredModels(models, work.Tenant, new GoalBudget(Budget.Unlimited, Usage.None), options, time), progress, time);
        try
        {
            var outcome = await agent.Run(new StepWork(new GoalId("direct"), spec, step, role, new AgentId(work.Agent), 1, work.Inputs, tools, [], []), calls, either.Token);
            return Answer(outcome, work, calls.Seen);
        }
        catch (Exception e) when (Noted(span, e))
        {
            throw;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new MeshException("deadline", $"{work.Agent} did not answer within {work.Deadline}. Give it more time, or submit a goal.");
        }
        catch (Exception e) when (e is AgentFailedException or ToolException or ModelException or BudgetExceededException)
        {
            throw new MeshException("agent-failed", e.Message, e);
        }
    }

    /// <returns>Always false: the exception passes by.</returns>
    private static bool Noted(Span? span, Exception e)
    {
        span?.Failed(e is MeshException mesh ? mesh.Code : CallSpans.Error(e));
        return false;
    }

    internal static bool IsHarmless(ToolDescriptor tool) => tool is { Effect: ToolEffect.Pure, Approval: ToolApproval.Never };

    private static string Instruction(DirectWork work) => work.Notes.Count == 0
        ? work.Instruction
        : $"{work.Instruction}\n\nWhat you were told to remember:\n{string.Join('\n', work.Notes.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => $"- {n.Key}: {n.Value}"))}";

    private static DirectAnswer Answer(StepOutcome outcome, DirectWork work, Trust seen) => outcome switch
    {
        StepOutcome.Completed done => new DirectAnswer(
            new Artifact { Id = new ArtifactId("answer"), Kind = work.Produces, Value = done.Value, Trust = done.Trust ?? seen, Origin = new Origin(null, done.Source, done.Tier) },
            done.Confidence, done.Tier, done.Why),
        StepOutcome.Failed failed => throw new MeshException("agent-failed", failed.Error),
        StepOutcome.Ask ask => throw new MeshException("agent-unsure", $"{work.Agent} would have to ask a person: {ask.Question} Submit a goal, which can."),
        _ => throw new MeshException("needs-goal", $"{work.Agent} wants helpers. Submit a goal, which can have them."),
    };
}

/// <summary>What a directly called agent may do.</summary>
internal sealed class DirectCalls(
    GoalSpec spec, PlanStep step, RoleDescriptor role, Toolbox toolbox, MeteredModels models, Action<string, string, double, string?>? progress, TimeProvider time) : IAgentCalls
{
    private int calls;

    /// <summary>The lowest label of everything that the agent has seen.</summary>
    public Trust Seen { get; private set; } = spec.Inputs.Count == 0 ? Trust.Trusted : spec.Inputs.Min(i => i.Trust);

    public string? ModelFor(ModelNeed need) => models.For(need);

    public async Task<Microsoft.Extensions.AI.ChatResponse> Ask(
        ModelNeed need, IReadOnlyList<Microsoft.Extensions.AI.ChatMessage> messages, Microsoft.Extensions.AI.ChatOptions? options, CancellationToken ct)
    {
        var model = models.For(need) ?? throw new AgentFailedException(FailureKind.Permanent, $"No model serves the need {need}.");
        return await Told("model", model, async () => (await models.Ask(model, null, messages, options, static () => { }, ct)).Response);
    }

    public async Task<ToolAnswer> Call(string tool, System.Text.Json.JsonElement arguments, CancellationToken ct)
    {
        var id = CallId.Of(step.Id, ++calls);
        if (toolbox.WhyNot(tool, spec.Constraints, role, step) is { } outOfScope) return new ToolAnswer(id, null, outOfScope, Trust.Trusted);
        var found = toolbox.Find(tool)!;
        if (!DirectRunner.IsHarmless(found.Descriptor)) return new ToolAnswer(id, null, $"{tool} changes the world or needs consent, which a direct call cannot have. Submit a goal.", Trust.Trusted);
        var canonical = RuntimeJson.Canonical(arguments);
        var errors = Agents.Schema.SchemaValidator.For(found.Descriptor).Validate(canonical);
        if (errors.Count > 0) return new ToolAnswer(id, null, $"The arguments of {tool} do not obey its schema: {string.Join("; ", errors)}", Trust.Trusted);

        var result = await Told("tool", tool, async () =>
        {
            using var span = CallSpans.Tool(found.Descriptor, id, null);
            using var limit = new CancellationTokenSource(found.Descriptor.Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            return await found.Invoke(new ToolCall(new GoalId("direct"), spec.Tenant, step.Id, id, $"direct/{id}", canonical), either.Token);
        });
        var trust = result.Trust ?? found.Descriptor.Returns;
        if (trust < Seen) Seen = trust;
        return new ToolAnswer(id, result.Value, null, trust);
    }

    private async Task<T> Told<T>(string what, string name, Func<Task<T>> call)
    {
        var started = time.GetTimestamp();
        try
        {
            var result = await call();
            progress?.Invoke(what, name, time.GetElapsedTime(started).TotalSeconds, null);
            return result;
        }
        catch (Exception e)
        {
            progress?.Invoke(what, name, time.GetElapsedTime(started).TotalSeconds, e.Message);
            throw;
        }
    }
}
