using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;

namespace AgentMesh.Simulation;

/// <summary>Judges a schedule by what became durable and what took effect, whatever the hosts believe.</summary>
internal sealed class Checks(SimWorld world)
{
    private const int MostEntries = 1_500;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<(StepId, int), long> ended = [];

    /// <summary>The journal's state.</summary>
    public GoalState? Truth { get; private set; }

    public void OnAppend(IReadOnlyList<JournalEntry> entries, bool stale)
    {
        if (world.Violation is not null) return;
        if (stale) Fail(Check.OneWriter, $"The journal took entry {entries[0].Sequence} behind entry {Truth?.Sequence}.");
        foreach (var entry in entries)
        {
            if (entry.Sequence != (Truth?.Sequence ?? 0) + 1) Fail(Check.OneWriter, $"Entry {entry.Sequence} follows entry {Truth?.Sequence}.");
            if (world.Violation is not null) return;
            if (Truth?.Ended is not null) Fail(Check.NothingAfterEnd, Compact.Of(entry.Event));
            if (Truth is { } before) Before(before, entry.Event);
            if (world.Violation is not null) return;
            Truth = GoalMachine.Step(Truth, entry).State;
        }

        Limits(Truth!);
        if (RecoveryCheck.Lacks(Truth!) is { } lack) Fail(Check.Recovery, lack);
    }

    /// <summary>Work tells the goal something.</summary>
    public void OnPost(Delivery sent)
    {
        // A failure that comes without more is a stop: of whichever run there is.
        if ((sent.Seen ?? (sent.Events[^1] is StepFailed ? long.MaxValue : null)) is { } seen && AttemptEnd.Instead(sent.Events, "") is { } end)
            ended[(end.Step, end.Attempt)] = Math.Max(ended.GetValueOrDefault((end.Step, end.Attempt)), seen);
    }

    /// <summary>A driver has taken its append for done.</summary>
    public void OnDriven(GoalState state)
    {
        if (Truth is { } truth && truth.Sequence == state.Sequence && Fingerprint.Of(truth) != Fingerprint.Of(state))
            Fail(Check.Replay, $"The driver's state at {state.Sequence} is not what its journal gives.");
    }

    public void OnAttempt(StepId step, int attempt)
    {
        if (Truth?.Step(step) is not { } known || known.Attempt < attempt) Fail(Check.DurableBeforeWork, $"{step} attempt {attempt} runs and its start is not durable.");
    }

    public void OnModelRequest(SimHost life, IReadOnlyList<ChatMessage> messages, string model)
    {
        var parts = messages[0].Text.Split('|');
        var (step, attempt) = (new StepId(parts[0]), int.Parse(parts[1]));
        var hash = RuntimeJson.Hash(model, messages);
        if (Truth?.Step(step) is not { } known || !known.Calls.Any(c => c.IsModel && c.Attempt == attempt && c.RequestHash == hash)) return;
        var recorded = world.Journal.Entries.First(e => e.Event is ModelCalled m && m.Step == step && m.Attempt == attempt && m.RequestHash == hash).Sequence;
        if (recorded <= life.KnownAt.GetValueOrDefault((step, attempt)))
            Fail(Check.ModelOnce, $"{step} attempt {attempt} asks the model again what entry {recorded} has the answer to.");
    }

    public void OnEffect(ToolDescriptor tool, ToolCall call)
    {
        var claim = Truth?.Step(call.Step)?.Call(call.Call);
        if (claim is null || claim.IsModel) Fail(Check.ClaimedBeforeEffect, $"{tool.Name} took effect as {call.Key} without a claim.");
        else if (claim.Name != tool.Name || !JsonElement.DeepEquals(claim.Arguments!.Value, call.Arguments))
            Fail(Check.ClaimedBeforeEffect, $"{tool.Name} took effect as {call.Key} with arguments that were not claimed.");
    }

    public void AtTheEnd()
    {
        if (Truth is null) return;
        var replayed = GoalMachine.Replay(world.Journal.Entries)!;
        if (Fingerprint.Of(replayed) != Fingerprint.Of(Truth)) Fail(Check.Replay, "The journal read back gives another state.");
        if (world.Seed % 32 != 0) return;
        var stored = world.Journal.Entries.Select(e => JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(e, MeshJson.Default.JournalEntry), MeshJson.Default.JournalEntry)!);
        if (Fingerprint.Of(GoalMachine.Replay(stored)!) != Fingerprint.Of(Truth)) Fail(Check.Replay, "The journal in its stored form gives another state.");
    }

    private void Before(GoalState state, GoalEvent e)
    {
        switch (e)
        {
            case StepStarted x: Started(state, x); break;
            case StepFailed x: Ended(state, x.Step, x.Attempt); break;
            case StepCompleted x:
                Ended(state, x.Step, x.Attempt);
                if (x.Artifact.Value!.Value.GetProperty("attempt").GetInt32() != x.Attempt)
                    Fail(Check.OwnAttempt, $"{x.Step} attempt {x.Attempt} was given the result of another attempt.");
                break;
            case ToolClaimed x: Claimed(state, x); break;
            case ToolReturned x:
                if (state.Step(x.Step)?.Call(x.Call) is { Status: CallStatus.Returned or CallStatus.Failed }) Fail(Check.OneReceipt, $"{x.Call} gets a second receipt.");
                if (x.Result is { } result && !result.TryGetProperty("done", out _)) Fail(Check.WholeReceipt, $"{x.Call} has the receipt {result.GetRawText()}.");
                break;
            case ModelCalled x:
                if (state.Step(x.Step)!.Calls.Any(c => c.IsModel && c.Attempt == x.Attempt && c.RequestHash == x.RequestHash))
                    Fail(Check.ModelOnce, $"{x.Step} attempt {x.Attempt} records the same question twice.");
                break;
            case ApprovalRequested x:
                if (!asked.Add($"{x.Step} {x.Tool} {x.PlanVersion} {x.Arguments.GetRawText()}")) Fail(Check.AskedOnce, $"{x.Request} asks what was asked before.");
                break;
            case QuestionAsked { Step: { } step, Call: { } call }:
                if (state.Requests.Any(r => r.IsOpen && r.Question?.Call == call)) Fail(Check.AskedOnce, $"Two open questions are about {call}.");
                if (world.Profile is { BadTool: 0, BadModel: 0 } && SimCatalogue.Of(state.Step(step)!.Call(call)!.Name).Effect == ToolEffect.Idempotent)
                    Fail(Check.AskedForNeed, $"A person is asked about {call}, which can be made again.");
                break;
        }
    }

    private void Ended(GoalState state, StepId step, int attempt)
    {
        if (!ended.TryGetValue((step, attempt), out var seen)) Fail(Check.OwnAttempt, $"{step} attempt {attempt} is ended by what another attempt said.");
        else if (state.Step(step)!.RunningSince > seen) Fail(Check.OwnAttempt, $"{step} attempt {attempt} is ended by what an earlier run of it said.");
    }

    private void Started(GoalState state, StepStarted e)
    {
        var step = state.Step(e.Step)!;
        if (e.Attempt > step.Definition.Retry.MaxAttempts) Fail(Check.Limits, $"{e.Step} starts attempt {e.Attempt} of {step.Definition.Retry.MaxAttempts}.");
        foreach (var input in step.Definition.Inputs)
            if (state.Artifact(input) is null && state.Step(new StepId(input.Value)) is not { IsOver: true, Definition.Optional: true })
                Fail(Check.InputsFirst, $"{e.Step} starts without {input}.");
    }

    private void Claimed(GoalState state, ToolClaimed e)
    {
        if (state.Step(e.Step)!.Call(e.Call) is { Status: CallStatus.Returned or CallStatus.Failed }) Fail(Check.OneReceipt, $"{e.Call} is claimed after its receipt.");
        if (SimCatalogue.Of(e.Tool).Approval != ToolApproval.Always) return;
        var consents = state.Requests.Any(r => r is { Approval: { } asked, Decision: { } decided } && asked.Step == e.Step && asked.Tool == e.Tool && asked.PlanVersion == state.PlanVersion
            && decided.Verdict switch
            {
                ApprovalVerdict.Approved => JsonElement.DeepEquals(asked.Arguments, e.Arguments),
                ApprovalVerdict.Edited => JsonElement.DeepEquals(RuntimeJson.Canonical(decided.Arguments!.Value), e.Arguments),
                _ => false,
            });
        // A claim that is renewed after it was found not to have happened stands on the consent it was first made with.
        if (!consents && state.Step(e.Step)!.Call(e.Call) is null) Fail(Check.Consent, $"{e.Tool} {e.Arguments} is claimed by {e.Call} without consent under plan {state.PlanVersion}.");
    }

    private void Limits(GoalState state)
    {
        var limits = state.Spec.Constraints;
        if (state.Steps.Length > limits.MaxSteps) Fail(Check.Limits, $"{state.Steps.Length} steps of {limits.MaxSteps}.");
        if (state.Replans > limits.MaxReplans) Fail(Check.Limits, $"{state.Replans} replans of {limits.MaxReplans}.");
        foreach (var step in state.Steps)
            if (step.Definition.Depth > limits.MaxDepth) Fail(Check.Limits, $"{step.Id} is {step.Definition.Depth} deep.");
        if (state.Sequence > MostEntries) Fail(Check.Ends, $"The journal has {state.Sequence} entries.");
        if (state.Usage.ToolCalls > limits.Budget.ToolCalls) Fail(Check.Budget, $"{state.Usage.ToolCalls} tool calls of {limits.Budget.ToolCalls}.");
        if (state.Usage.ModelCalls > limits.Budget.ModelCalls) Fail(Check.Budget, $"{state.Usage.ModelCalls} model calls of {limits.Budget.ModelCalls}.");
        if (state.Usage.Tokens > limits.Budget.Tokens) Fail(Check.Budget, $"{state.Usage.Tokens} tokens of {limits.Budget.Tokens}.");
    }

    private void Fail(Check check, string message) => world.Violate(check, message);
}
