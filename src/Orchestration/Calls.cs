using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>The ledger of model and tool calls: claims, receipts and what nobody knows.</summary>
internal static class Calls
{
    public static void ModelCalled(Turn turn, ModelCalled e)
    {
        Put(turn, e.Step, new CallState(e.Call, e.Attempt, IsModel: true, e.Model, ToolEffect.Pure, null, null, e.RequestHash)
        {
            Status = CallStatus.Returned, Result = e.Response, Seconds = e.Usage.Seconds, Trust = Trust.Trusted,
        });
        turn.State = turn.State.Spend(e.Model, e.Usage);
    }

    public static void Claimed(Turn turn, ToolClaimed e)
    {
        // A claim that is renewed: what people said of the call before is about what came before.
        foreach (var request in turn.State.Requests)
            if (request.Question?.Call == e.Call) turn.State = turn.State.With(request with { Withdrawn = true });
        Put(turn, e.Step, (turn.Step(e.Step).Call(e.Call) ?? new CallState(e.Call, e.Attempt, IsModel: false, e.Tool, e.Effect, e.Arguments, e.Key, null)) with
        {
            Status = CallStatus.Claimed, Error = null,
        });
    }

    public static void Returned(Turn turn, ToolReturned e)
    {
        var claim = turn.Step(e.Step).Call(e.Call)
            ?? new CallState(e.Call, e.Attempt, IsModel: false, e.Tool, ToolEffect.Pure, e.Arguments, null, null);
        Put(turn, e.Step, claim with
        {
            Status = e.Error is null ? CallStatus.Returned : CallStatus.Failed, Result = e.Result, Error = e.Error, Trust = e.Trust, Seconds = e.Seconds,
        });
        turn.State = turn.State.Spend(null, new Usage(0, 0, 0, 1, 0m, e.Seconds));
    }

    public static void Unknown(Turn turn, ToolUnknown e)
    {
        var claim = turn.Step(e.Step).Call(e.Call) ?? throw new InvalidOperationException($"Call {e.Call.Value} was never claimed.");
        Put(turn, e.Step, claim with { Status = CallStatus.Unknown, Error = e.Reason });
    }

    private static void Put(Turn turn, StepId step, CallState call) => turn.Put(turn.Step(step).With(call));
}
