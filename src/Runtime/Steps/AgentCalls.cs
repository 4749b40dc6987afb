using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>An attempt's way to models and tools. Gives recorded answers first, in order; makes and records new calls after them.</summary>
public sealed class AgentCalls : IAgentCalls
{
    private readonly GoalState state;
    private readonly StepWork work;
    private readonly AttemptRecord record;
    private readonly Toolbox toolbox;
    private readonly MeteredModels models;
    private readonly ICallBudget budget;
    private readonly TimeProvider time;
    private readonly EffectLedger ledger;
    private readonly ConsentGate consent;
    private Queue<CallState>? replay;
    private volatile bool closed;

    public AgentCalls(
        GoalState state, StepWork work, AttemptRecord record, Toolbox toolbox, IModels models, ICallBudget budget, RuntimeOptions options, TimeProvider time,
        ILogger log)
    {
        (this.state, this.work, this.record, this.toolbox, this.budget, this.time) = (state, work, record, toolbox, budget, time);
        this.models = new MeteredModels(models, state.Spec.Tenant, budget, options, time);
        ledger = new EffectLedger(state, work, record, toolbox, time, log, options.Telemetry.Content);
        consent = new ConsentGate(state, work, record, options);
        foreach (var input in work.Inputs.Concat(work.Children)) See(input.Trust);
    }

    // Built at the first call, when open claims are settled and their receipts known.
    private Queue<CallState> Replay => replay ??= new Queue<CallState>(ledger.Recorded(work.Attempt));

    /// <summary>The lowest label of everything that the attempt has seen.</summary>
    public Trust Seen { get; private set; } = Trust.Trusted;

    /// <summary>A call with an effect that was claimed and has no receipt.</summary>
    public CallState? OpenClaim => ledger.Open;

    /// <inheritdoc cref="EffectLedger.WaitsFor"/>
    public string? WaitsFor => ledger.WaitsFor;

    /// <summary>The attempt is over: an agent that does not let go gets nothing more.</summary>
    public void Close() => closed = true;

    public string? ModelFor(ModelNeed need) => models.For(need);

    /// <inheritdoc cref="EffectLedger.Settle"/>
    public Task SettleOpenClaims(CancellationToken ct) => ledger.Settle(ct);

    /// <inheritdoc cref="EffectLedger.AskPerson"/>
    public Task AskAbout(CallState call, string why) => ledger.AskPerson(call, why);

    public async Task<ChatResponse> Ask(ModelNeed need, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken ct)
    {
        ThrowIfClosed();
        var model = models.For(need) ?? throw new AgentFailedException(FailureKind.Permanent, $"No model serves the need {need}.");
        var hash = RuntimeJson.Hash(model, messages);
        if (Recorded(c => c.IsModel && c.RequestHash == hash) is { } known) return RuntimeJson.ToResponse(known.Result!.Value);
        Replay.Clear();

        var (response, usage) = await models.Ask(model, ledger.Upcoming, messages, options, record.HandOver, ct);
        record.Add(new ModelCalled(work.Step.Id, work.Attempt, ledger.NextCall(), model, hash, RuntimeJson.OfMessages(response.Messages), usage));
        return response;
    }

    public async Task<ToolAnswer> Call(string tool, JsonElement arguments, CancellationToken ct)
    {
        ThrowIfClosed();
        var canonical = RuntimeJson.Canonical(arguments);
        if (Recorded(c => Is(c, tool, canonical)) is { } known) return Answer(known);
        if (ledger.Receipt(tool, canonical) is { } earlier) return Answer(earlier);

        // 1. Budget: refusals count too, so that an agent that does not learn from them comes to an end.
        using var reservation = await budget.Reserve(ledger.Upcoming, OneCall, ct);
        var call = ledger.NextCall();

        // 2. Scope. 3. Schema. A refusal is an answer, and a fact.
        if (toolbox.WhyNot(tool, state.Spec.Constraints, work.Role, work.Step) is { } outOfScope) return Refuse(tool, canonical, outOfScope, call, reservation);
        var found = toolbox.Find(tool)!;
        var errors = SchemaValidator.For(found.Descriptor).Validate(canonical);
        if (errors.Count > 0) return Refuse(tool, canonical, $"The arguments of {tool} do not obey its schema: {string.Join("; ", errors)}", call, reservation);

        // 4. Consent: may suspend the attempt, may change the arguments, and so make them those of a call that was made.
        var verdict = await consent.Ask(found.Descriptor, call, canonical, Seen);
        if (verdict.Refusal is { } refused) return Refuse(tool, canonical, refused, call, reservation);
        if (ledger.Receipt(tool, verdict.Arguments) is { } same) return Answer(same);

        // 5. Claim, run, receipt.
        Replay.Clear();
        var started = time.GetTimestamp();
        try
        {
            var receipt = await ledger.Run(found, call, verdict.Arguments, started, ct);
            reservation.Settle(OneCall with { Seconds = receipt.Seconds });
            return Answer(receipt);
        }
        catch (Exception e) when (e is not StaleAttemptException)
        {
            // It has a receipt, or a claim that will have one: either way the journal will count it.
            reservation.Settle(OneCall with { Seconds = time.GetElapsedTime(started).TotalSeconds });
            throw;
        }
    }

    private static readonly Usage OneCall = new(0, 0, 0, 1, 0m, 0);

    private void ThrowIfClosed()
    {
        if (closed) throw new StaleAttemptException($"Attempt {work.Attempt} at step {work.Step.Id.Value} is over.");
    }

    private bool Is(CallState call, string tool, JsonElement asked) =>
        !call.IsModel && call.Name == tool && call.Arguments is { } made && (RuntimeJson.Same(made, asked) || consent.IsEdit(tool, asked, made));

    // Where something has changed since (an answer came in, or the agent's code did), a resumed attempt leaves the recorded path: it gets what
    // is recorded further on, from when it came this way before. Once it makes a call anew, all that follows is new.
    private CallState? Recorded(Func<CallState, bool> wanted)
    {
        var before = 0;
        foreach (var call in Replay)
        {
            if (wanted(call))
            {
                for (; before > 0; before--) Replay.Dequeue();
                return Replay.Dequeue();
            }

            before++;
        }

        return null;
    }

    private ToolAnswer Refuse(string tool, JsonElement arguments, string reason, CallId id, ICallReservation reservation)
    {
        Replay.Clear();
        reservation.Settle(OneCall);
        record.Add(new ToolReturned(work.Step.Id, work.Attempt, id, tool, arguments, null, reason, Trust.Trusted, 0));
        return new ToolAnswer(id, null, reason, Trust.Trusted);
    }

    private ToolAnswer Answer(CallState call)
    {
        See(call.Trust);
        return new ToolAnswer(call.Id, call.Result, call.Error, call.Trust);
    }

    private void See(Trust trust)
    {
        if (trust < Seen) Seen = trust;
    }
}
