using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Agents.Models;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.AI;

namespace AgentMesh.Runtime;

/// <summary>An attempt's way to models and tools. Gives recorded answers first, in order; makes and records new calls after them.</summary>
public sealed class AgentCalls : IAgentCalls
{
    private readonly GoalState state;
    private readonly StepWork work;
    private readonly AttemptRecord record;
    private readonly Toolbox toolbox;
    private readonly IModels models;
    private readonly GoalBudget budget;
    private readonly RuntimeOptions options;
    private readonly TimeProvider time;
    private readonly EffectLedger ledger;
    private readonly ConsentGate consent;
    private Queue<CallState>? replay;

    public AgentCalls(
        GoalState state, StepWork work, AttemptRecord record, Toolbox toolbox, IModels models, GoalBudget budget, RuntimeOptions options, TimeProvider time)
    {
        (this.state, this.work, this.record, this.toolbox, this.models, this.budget, this.options, this.time) =
            (state, work, record, toolbox, models, budget, options, time);
        ledger = new EffectLedger(state, work, record, toolbox, time);
        consent = new ConsentGate(state, work, record, options);
        foreach (var input in work.Inputs.Concat(work.Children)) See(input.Trust);
    }

    // Built at the first call, when open claims are settled and their receipts known.
    private Queue<CallState> Replay => replay ??= new Queue<CallState>(ledger.Recorded(work.Attempt));

    /// <summary>The lowest label of everything that the attempt has seen.</summary>
    public Trust Seen { get; private set; } = Trust.Trusted;

    /// <summary>A call with an effect that was claimed and has no receipt.</summary>
    public CallState? OpenClaim => ledger.Open;

    public string? ModelFor(ModelNeed need) => models.For(need);

    /// <inheritdoc cref="EffectLedger.Settle"/>
    public Task SettleOpenClaims(CancellationToken ct) => ledger.Settle(ct);

    /// <inheritdoc cref="EffectLedger.AskPerson"/>
    public Task AskAbout(CallState call, string why) => ledger.AskPerson(call, why);

    public async Task<ChatResponse> Ask(ModelNeed need, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken ct)
    {
        var model = models.For(need) ?? throw new AgentFailedException(FailureKind.Permanent, $"No model serves the need {need}.");
        var hash = RuntimeJson.Hash(model, messages);
        if (Replay.TryPeek(out var known))
        {
            if (known.IsModel && known.RequestHash == hash) return RuntimeJson.ToResponse(Replay.Dequeue().Result!.Value);
            Replay.Clear(); // The question has changed (an answer came in, or the agent's code did): what follows is new.
        }

        var prompt = EstimateTokens(messages);
        var answer = this.options.DefaultAnswerTokens;
        if (options?.MaxOutputTokens is { } asked) answer = asked;
        if (budget.TokensLeft is { } left && left - prompt > 0) answer = (int)Math.Min(answer, left - prompt);
        using var reservation = budget.Reserve(new Usage(1, prompt, answer, 0, models.Cost(model, prompt, answer), 0));

        var bounded = options?.Clone() ?? new ChatOptions();
        bounded.MaxOutputTokens = answer;
        var started = time.GetTimestamp();
        var asking = models.Client(model).GetResponseAsync(messages, bounded, ct);
        if (!asking.IsCompleted) record.HandOver();
        ChatResponse response;
        try
        {
            response = await asking;
        }
        catch (ModelException e) when (e.TokensMayBeSpent)
        {
            reservation.Settle(new Usage(1, prompt, answer, 0, models.Cost(model, prompt, answer), time.GetElapsedTime(started).TotalSeconds));
            throw;
        }

        var (input, output) = (response.Usage?.InputTokenCount ?? prompt, response.Usage?.OutputTokenCount ?? EstimateTokens(response.Messages));
        var usage = new Usage(1, input, output, 0, models.Cost(model, input, output), time.GetElapsedTime(started).TotalSeconds);
        reservation.Settle(usage);
        record.Add(new ModelCalled(work.Step.Id, work.Attempt, ledger.NextCall(), model, hash, RuntimeJson.OfMessages(response.Messages), usage));
        return response;
    }

    public async Task<ToolAnswer> Call(string tool, JsonElement arguments, CancellationToken ct)
    {
        var canonical = RuntimeJson.Canonical(arguments);
        if (Recorded(tool, canonical) is { } known) return known;
        if (ledger.Receipt(tool, canonical) is { } earlier) return Answer(earlier);

        // 1. Scope. 2. Schema. A refusal is an answer, and a fact.
        if (toolbox.WhyNot(tool, state.Spec.Constraints, work.Role, work.Step) is { } outOfScope) return Refuse(tool, canonical, outOfScope);
        var found = toolbox.Find(tool)!;
        var errors = SchemaValidator.For(found.Descriptor).Validate(canonical);
        if (errors.Count > 0) return Refuse(tool, canonical, $"The arguments of {tool} do not obey its schema: {string.Join("; ", errors)}");

        // 3. Budget. 4. Consent: may suspend the attempt, may change the arguments.
        using var reservation = budget.Reserve(new Usage(0, 0, 0, 1, 0m, 0));
        var call = ledger.NextCall();
        var verdict = await consent.Ask(found.Descriptor, call, canonical, Seen);
        if (verdict.Refusal is { } refused) return Refuse(tool, canonical, refused, call);

        // 5. Claim, run, receipt.
        var started = time.GetTimestamp();
        var receipt = await ledger.Run(found, call, verdict.Arguments, started, ct);
        reservation.Settle(new Usage(0, 0, 0, 1, 0m, receipt.Seconds));
        return Answer(receipt);
    }

    private ToolAnswer? Recorded(string tool, JsonElement canonical)
    {
        if (!Replay.TryPeek(out var next)) return null;
        if (!next.IsModel && next.Name == tool && next.Arguments is { } asked && (RuntimeJson.Same(asked, canonical) || consent.WasEdited(next.Id)))
            return Answer(Replay.Dequeue());
        Replay.Clear();
        return null;
    }

    private ToolAnswer Refuse(string tool, JsonElement arguments, string reason, CallId? call = null)
    {
        var id = call ?? ledger.NextCall();
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

    // Four characters a token is the usual rule of thumb; three never reserves too little for prose in European languages.
    private static int EstimateTokens(IEnumerable<ChatMessage> messages) => messages.Sum(m => m.Contents.Sum(c => c.ToString()?.Length ?? 0) / 3 + 8);
}
