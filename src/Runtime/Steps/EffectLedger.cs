using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime.Telemetry;
using Microsoft.Extensions.Logging;
using Span = System.Diagnostics.Activity;

namespace AgentMesh.Runtime;

/// <summary>
/// Claims before effects and receipts after them. A claim without a receipt is settled before the step does anything else:
/// an idempotent call is made again with the same key, a once call is probed, and what no probe can tell a person must. Never a blind retry.
/// A call that the other side has not finished is waited for (<see cref="InFlightWait"/>): neither the step's attempts nor a person's time is spent on it.
/// </summary>
public sealed class EffectLedger
{
    /// <summary>Answers to the question about a call of which nobody knows whether it took effect.</summary>
    public const string Happened = "it happened", DidNotHappen = "it did not happen";

    private readonly GoalState state;
    private readonly StepWork work;
    private readonly AttemptRecord record;
    private readonly Toolbox toolbox;
    private readonly TimeProvider time;
    private readonly InFlightWait wait;
    private readonly List<CallState> calls;
    private readonly Func<string, string>? content;
    private int numbers;

    /// <param name="content">See <see cref="TelemetryOptions.Content"/>.</param>
    public EffectLedger(GoalState state, StepWork work, AttemptRecord record, Toolbox toolbox, TimeProvider time, ILogger log, Func<string, string>? content = null)
    {
        (this.state, this.work, this.record, this.toolbox, this.time, this.content) = (state, work, record, toolbox, time, content);
        wait = new InFlightWait(state.Goal, time, log);
        calls = [.. state.Step(work.Step.Id)!.Calls];
        numbers = calls.Count;
    }

    /// <summary>The first call with an effect that was claimed and has no receipt.</summary>
    public CallState? Open => calls.Find(c => c.Status is CallStatus.Claimed or CallStatus.Unknown);

    /// <inheritdoc cref="InFlightWait.For"/>
    public string? WaitsFor => wait.For;

    /// <summary>The id of the next call of this step: the same again for the same place in a resumed attempt.</summary>
    public CallId NextCall() => CallId.Of(work.Step.Id, ++numbers);

    /// <summary>The id that the next call will have.</summary>
    public CallId Upcoming => CallId.Of(work.Step.Id, numbers + 1);

    /// <summary>The calls of an attempt that have their answers, in the order they were made.</summary>
    public IEnumerable<CallState> Recorded(int attempt) =>
        calls.Where(c => c.Attempt == attempt && (c.Status is CallStatus.Returned or CallStatus.Failed));

    /// <summary>An earlier attempt's receipt for exactly this effect, which must not be had twice.</summary>
    public CallState? Receipt(string tool, JsonElement arguments) => calls.Find(c =>
        !c.IsModel && c.Effect != ToolEffect.Pure && c.Status == CallStatus.Returned && c.Name == tool && RuntimeJson.Same(c.Arguments!.Value, arguments));

    /// <summary>Claims (where there is an effect), runs and writes the receipt.</summary>
    /// <exception cref="ToolException">It may work later, or nobody knows whether it did.</exception>
    /// <exception cref="StaleAttemptException">The goal refused the claim: the call was not made.</exception>
    public async Task<CallState> Run(ITool tool, CallId id, JsonElement arguments, long started, CancellationToken ct)
    {
        var effect = tool.Descriptor.Effect;
        var call = new CallState(id, work.Attempt, IsModel: false, tool.Descriptor.Name, effect, arguments, effect == ToolEffect.Pure ? null : Key(id), null);
        if (effect != ToolEffect.Pure)
        {
            calls.Add(call);
            await Claim(call, ct);
        }

        return await Invoke(tool, call, started, ct);
    }

    /// <summary>Finds out what became of every claim that has no receipt.</summary>
    /// <exception cref="StepSuspendedException">Only a person can tell.</exception>
    /// <exception cref="ToolException">It cannot be told now, but may be later.</exception>
    public async Task Settle(CancellationToken ct)
    {
        while (Open is { } call)
        {
            var tool = toolbox.Find(call.Name);
            if (call.Status == CallStatus.Unknown && Answered(call) is { } answer) await Decide(call, answer, tool, ct);
            else if (tool is null) await AskPerson(call, $"The tool {call.Name} is no longer configured.");
            else if (call.Effect == ToolEffect.Idempotent) await Repeat(tool, call, ct, mayHaveHappened: true);
            else await Probe(tool, call, ct);
        }
    }

    /// <summary>Marks the call unknown and asks a person. The attempt is suspended on the question.</summary>
    /// <exception cref="StepSuspendedException">Always, unless the goal refuses the attempt.</exception>
    public Task AskPerson(CallState call, string why) => Ask(
        call, $"The call {call.Id.Value} of {call.Name} may or may not have taken effect ({why}). Its key is {call.Key}. Did it happen?", [Happened, DidNotHappen], why);

    private async Task Ask(CallState call, string question, IReadOnlyList<string> choices, string why)
    {
        var before = state.Requests.Where(r => r.Question?.Call == call.Id).ToList();
        var name = $"effect-{call.Id.Value.Replace('/', '-')}";
        var request = new RequestId(before.Count == 0 ? name : $"{name}-{before.Count + 1}");
        if (before.Find(r => r.IsOpen) is { } open)
        {
            request = open.Id;
        }
        else
        {
            if (call.Status == CallStatus.Claimed) record.Add(new ToolUnknown(work.Step.Id, call.Id, call.Name, why));
            record.Add(new QuestionAsked(request, work.Step.Id, question, choices, call.Id));
        }

        await record.Commit(new StepSuspended(work.Step.Id, work.Attempt, request));
        throw new StepSuspendedException(request);
    }

    private async Task Probe(ITool tool, CallState call, CancellationToken ct)
    {
        if (tool is not IReconcilableTool reconcilable)
        {
            await AskPerson(call, "The tool has no way to look it up.");
            return;
        }

        switch (await Look(reconcilable, call, ct))
        {
            case Reconciliation.Happened happened: Receive(call, happened.Result, null, tool, 0, reconciled: true); break;
            case Reconciliation.DidNotHappen: await Repeat(tool, call, ct); break;
            case Reconciliation.CannotTell cannot: await AskPerson(call, cannot.Reason); break;
        }
    }

    private Task<Reconciliation> Look(IReconcilableTool tool, CallState call, CancellationToken ct) => wait.Until(call, () => tool.Reconcile(ToCall(call), ct), ct);

    private async Task Decide(CallState call, string answer, ITool? tool, CancellationToken ct)
    {
        if (answer == Happened)
            await Vouched(call, tool, ct);
        else if (answer != DidNotHappen)
            await Given(call, answer, tool);
        else if (tool is not null)
            await Repeat(tool, call, ct);
        else
            Receive(call, null, $"The tool {call.Name} is no longer configured, and a person said that the call did not happen.", tool, 0, reconciled: true);
    }

    // That it happened is not what it gave: whoever can still tell is asked first. A probe that finds nothing does not outweigh a person who saw it happen,
    // so nothing is repeated that has no key to make that harmless.
    private async Task Vouched(CallState call, ITool? tool, CancellationToken ct)
    {
        var why = "It cannot be looked up.";
        if (tool is not null && call.Effect == ToolEffect.Idempotent)
        {
            try
            {
                await Repeat(tool, call, ct, mayHaveHappened: true);
                return;
            }
            catch (ToolException e) when (e.Kind == FailureKind.Permanent)
            {
                (call, why) = (calls.Find(c => c.Id == call.Id)!, e.Message);
            }
        }
        else if (tool is IReconcilableTool reconcilable)
        {
            var found = await Look(reconcilable, call, ct);
            var result = found switch { Reconciliation.Happened happened => happened.Result, Reconciliation.CannotTell unsure => unsure.IfItHappened, _ => null };
            if (result is not null)
            {
                Receive(call, result, null, tool, 0, reconciled: true);
                return;
            }

            why = found is Reconciliation.CannotTell cannot ? cannot.Reason : "The tool finds no trace of it.";
        }

        if (VouchedResult.Errors(tool?.Descriptor, VouchedResult.Word).Count > 0) await AskResult(call, tool!, why);
        else Receive(call, new ToolResult(VouchedResult.Word, Trust.User), null, tool, 0, reconciled: true);
    }

    private async Task Given(CallState call, string answer, ITool? tool)
    {
        if (VouchedResult.Read(answer, tool?.Descriptor, out var wrong) is { } value) Receive(call, new ToolResult(value, Trust.User), null, tool, 0, reconciled: true);
        else if (tool is not null) await AskResult(call, tool, $"the last answer will not do: {wrong}");
        else await AskPerson(call, $"The tool {call.Name} is no longer configured.");
    }

    private Task AskResult(CallState call, ITool tool, string why) => Ask(call, VouchedResult.Question(call, tool.Descriptor, why), [], why);

    // Claimed anew: only the goal's owner can, so no host that was replaced repeats it as well; and what was found out before the repeat
    // (by a probe or a person) says nothing about what becomes of it.
    private async Task Repeat(ITool tool, CallState call, CancellationToken ct, bool mayHaveHappened = false)
    {
        var again = call with { Status = CallStatus.Claimed, Error = null };
        calls[calls.FindIndex(c => c.Id == call.Id)] = again;
        await Claim(again, ct);
        await Invoke(tool, again, time.GetTimestamp(), ct, mayHaveHappened);
    }

    private async Task Claim(CallState call, CancellationToken ct)
    {
        await record.Commit(new ToolClaimed(work.Step.Id, work.Attempt, call.Id, call.Name, call.Effect, call.Arguments!.Value, call.Key ?? Key(call.Id)));
        ct.ThrowIfCancellationRequested();
    }

    /// <param name="mayHaveHappened">The call was made before, and nobody knows whether it took effect then.</param>
    private Task<CallState> Invoke(ITool tool, CallState call, long started, CancellationToken ct, bool mayHaveHappened = false) =>
        CallSpans.Tool(tool.Descriptor, call.Id, state.Goal.Value) is { } span
            ? Traced(span, tool, call, started, mayHaveHappened, ct) : Attempt(tool, call, started, mayHaveHappened, ct);

    private async Task<CallState> Traced(Span span, ITool tool, CallState call, long started, bool mayHaveHappened, CancellationToken ct)
    {
        using (span)
        {
            try
            {
                var receipt = await Attempt(tool, call, started, mayHaveHappened, ct);
                span.Value(GenAi.ToolArguments, receipt.Arguments, content);
                span.Value(GenAi.ToolResult, receipt.Result, content);
                if (receipt.Error is not null) span.Failed("permanent");
                return receipt;
            }
            catch (Exception e)
            {
                span.Failed(CallSpans.Error(e));
                throw;
            }
        }
    }

    private async Task<CallState> Attempt(ITool tool, CallState call, long started, bool mayHaveHappened, CancellationToken ct)
    {
        var hasEffect = call.Effect != ToolEffect.Pure;
        try
        {
            var result = call.Effect == ToolEffect.Once ? await Made() : await wait.Until(call, Made, ct);
            return Receive(call, result, null, tool, Seconds(started), reconciled: false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException)
        {
            if (!hasEffect) Receive(call, null, $"{call.Name} took longer than {tool.Descriptor.Timeout}.", tool, Seconds(started), reconciled: false);
            throw new ToolException(FailureKind.Transient, $"{call.Name} took longer than {tool.Descriptor.Timeout}.", effectPossible: hasEffect);
        }
        catch (ToolException e) when (mayHaveHappened)
        {
            // That this request had no effect says nothing about the one before: the claim stays open.
            throw new ToolException(e.Kind, e.Message, effectPossible: true, e);
        }
        catch (ToolException e) when (!e.EffectPossible || !hasEffect)
        {
            var receipt = Receive(call, null, e.Message, tool, Seconds(started), reconciled: false);
            if (e.Kind != FailureKind.Permanent) throw;
            return receipt;
        }
        catch (Exception e) when (e is not ToolException)
        {
            // A tool that breaks its contract by throwing something else: without an effect it is a failed call, with one nobody knows.
            if (hasEffect) throw new ToolException(FailureKind.Transient, $"{call.Name} broke: {e.Message}", effectPossible: true, e);
            return Receive(call, null, $"{call.Name} broke: {e.Message}", tool, Seconds(started), reconciled: false);
        }

        async Task<ToolResult> Made()
        {
            try
            {
                var running = tool.Invoke(ToCall(call), ct);
                if (!running.IsCompleted) record.HandOver();
                return await running.WaitAsync(tool.Descriptor.Timeout, time, ct);
            }
            catch (ToolInFlightException busy)
            {
                mayHaveHappened |= busy.EffectPossible;
                throw;
            }
        }
    }

    private CallState Receive(CallState call, ToolResult? result, string? error, ITool? tool, double seconds, bool reconciled)
    {
        var trust = result?.Trust ?? tool?.Descriptor.Returns ?? Trust.Untrusted;
        record.Add(new ToolReturned(work.Step.Id, call.Attempt, call.Id, call.Name, call.Arguments!.Value, result?.Value, error, trust, seconds, reconciled));
        var receipt = call with
        {
            Status = error is null ? CallStatus.Returned : CallStatus.Failed, Result = result?.Value, Error = error, Trust = trust, Seconds = seconds,
        };
        if (calls.FindIndex(c => c.Id == call.Id) is var at and >= 0) calls[at] = receipt;
        else calls.Add(receipt);
        return receipt;
    }

    private string? Answered(CallState call) =>
        state.Requests.LastOrDefault(r => r.Question?.Call == call.Id && r is { Answer: not null, Withdrawn: false })?.Answer!.Answer;

    private ToolCall ToCall(CallState call) =>
        new(state.Goal, state.Spec.Tenant, work.Step.Id, call.Id, call.Key ?? Key(call.Id), call.Arguments!.Value);

    private string Key(CallId id) => $"{state.Goal.Value}/{id.Value}";

    private double Seconds(long started) => Math.Round(time.GetElapsedTime(started).TotalSeconds, 4);
}
