using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Approvals and questions: asked, decided, withdrawn; steps that wait for them.</summary>
internal static class People
{
    public static void ApprovalRequested(Turn turn, ApprovalRequested e) =>
        turn.State = turn.State.With(new PersonRequest(e.Request, e, null));

    public static void QuestionAsked(Turn turn, QuestionAsked e) =>
        turn.State = turn.State.With(new PersonRequest(e.Request, null, e));

    public static void Suspended(Turn turn, StepSuspended e)
    {
        turn.Put(turn.Step(e.Step) with { Status = StepStatus.Suspended, WaitsFor = e.On });
        if (turn.State.Ending is not null) Ending.EndIfQuiet(turn);
        else if (turn.State.Request(e.On) is { IsOpen: false }) Resume(turn, e.On);
        else if (turn.State.Request(e.On)?.Approval is { } asked && asked.PlanVersion != turn.State.PlanVersion) Planning.AskAgain(turn, turn.Step(e.Step));
    }

    public static void ApprovalDecided(Turn turn, ApprovalDecided e)
    {
        turn.State = turn.State.With(turn.State.Request(e.Request)! with { Decision = e });
        Resume(turn, e.Request);
    }

    public static void QuestionAnswered(Turn turn, QuestionAnswered e)
    {
        var request = turn.State.Request(e.Request)! with { Answer = e };
        turn.State = turn.State.With(request);
        if (request.Step is not null)
        {
            Resume(turn, e.Request);
            return;
        }

        turn.State = turn.State with { Messages = turn.State.Messages.Add(e.Answer) };
        Planning.Replan(
            turn, Rationale.Because($"{e.By} answered: {e.Answer}", e.Request.Value), otherwise: turn.State.Plan is null ? "No valid plan was found." : null);
    }

    public static void WithdrawRequests(Turn turn, StepId? step)
    {
        foreach (var request in turn.State.Requests)
            if (request.IsOpen && (step is null || request.Step == step)) turn.State = turn.State.With(request with { Withdrawn = true });
    }

    private static void Resume(Turn turn, RequestId request)
    {
        if (turn.State.Ending is not null) return;
        foreach (var step in turn.State.Steps)
        {
            if (step.Status != StepStatus.Suspended || step.WaitsFor != request) continue;
            turn.Put(step with { Status = StepStatus.Running, RunningSince = turn.State.Sequence, WaitsFor = null });
            turn.Do(new Command.RunStep(step.Id, step.Attempt));
        }
    }
}
