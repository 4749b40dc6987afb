using AgentMesh.Contracts;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Orchestration.Tests;

/// <summary>Whatever comes in whatever order: what is admitted never breaks the machine, and recovery always has enough to go on with.</summary>
public sealed class AnyOrderTests
{
    private static readonly string[] Steps = ["a", "b", "c", "h"];
    private static readonly string[] Requests = ["r", "q", "plan-1", "plan-2"];
    private const int Kinds = 20;

    [Fact]
    public void Admitted_events_never_throw_and_the_journal_gives_the_state_back() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, Kinds * 4 * 3 - 1)).ToArbitrary(), choices =>
        {
            var given = Given.Submitted(new GoalConstraints { Timeout = TimeSpan.FromHours(1), MaxSteps = 6, MaxReplans = 2 });
            foreach (var choice in choices)
            {
                var e = Event(given.State!, choice % Kinds, choice / Kinds % 4, choice / Kinds / 4 + 1);
                if (given.Refusal(e) is null) given.Then(e);
                if (!CanGoOn(given.State!)) return false;
            }

            var replayed = GoalMachine.Replay(given.Journal)!;
            return replayed.Status == given.State!.Status && replayed.Sequence == given.Journal.Count
                && replayed.Steps.Select(s => (s.Id, s.Status, s.Attempt)).SequenceEqual(given.State.Steps.Select(s => (s.Id, s.Status, s.Attempt)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(120));

    [Fact]
    public void A_goal_whose_work_always_fails_ends_within_bounds() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 3)).ToArbitrary(), kinds =>
        {
            var given = Given.Submitted(new GoalConstraints { MaxReplans = 3 });
            var events = 0;
            for (; given.State!.Ended is null && events < 200; events++)
            {
                if (given.State.Planning > 0)
                    given.Then(new PlanAccepted(Given.Plan(given.State.Planning, Given.Step($"s{given.State.Planning}"))));
                else if (given.State.Steps.FirstOrDefault(s => s.Status == StepStatus.Running) is { } running)
                    given.Then(Given.Failed(running.Id.Value, running.Attempt, kinds.Length == 0 ? FailureKind.Transient : (FailureKind)kinds[events % kinds.Length]));
                else if (given.State.Steps.FirstOrDefault(s => s.Status == StepStatus.BackingOff) is { } waiting)
                    given.Then(new TimerFired(Timers.Retry(waiting.Id, waiting.Attempt + 1)));
                else
                    return false;
            }

            // 4 plans of one step with 3 attempts: a failure and a timer each, and the plans themselves.
            return given.State.Ended is { Status: GoalStatus.Failed } && events <= 4 * (3 * 2 + 1);
        }).Check(Config.QuickThrowOnFailure);

    private static bool CanGoOn(GoalState state)
    {
        var commands = Recovery.Commands(state);
        if (state.Ended is not null) return commands.IsEmpty;
        if (state.Steps.Any(s => s.Status == StepStatus.Running && state.Ending is null && !commands.Contains(new Command.RunStep(s.Id, s.Attempt)))) return false;
        if (state.Planning > 0 && !commands.Contains(new Command.MakePlan(state.Planning))) return false;
        return commands.Any(c => c is not Command.StartTimer { Timer: Timers.Deadline }) || state.Requests.Any(r => r.IsOpen);
    }

    private static GoalEvent Event(GoalState state, int kind, int which, int attempt)
    {
        var step = Steps[which];
        var request = Requests[which];
        return kind switch
        {
            0 => new PlanAccepted(Given.Plan(Math.Max(1, state.Planning), Given.Step("a"), Given.Step("b", "a"), Given.Step("c") with { Optional = true })),
            1 => new PlanAccepted(Given.Plan(Math.Max(1, state.Planning), [.. state.Steps.Where(s => s.Definition.Parent is null && (s.Status is StepStatus.Completed || !s.IsOver)).Select(s => s.Definition), Given.Step($"n{state.Planning}")])),
            2 => new PlanRejected(state.Planning, ["nothing fits"]),
            3 => Given.Completed(step, attempt),
            4 => Given.Failed(step, attempt),
            5 => Given.Failed(step, attempt, FailureKind.Permanent),
            6 => Given.Failed(step, attempt, FailureKind.Budget),
            7 => new TimerFired(Timers.Retry(new(step), attempt)),
            8 => new TimerFired(which == 0 ? Timers.Deadline : Timers.Grace),
            9 => Given.Claimed(step, attempt, attempt),
            10 => Given.Returned(step, attempt, attempt),
            11 => new ToolUnknown(new(step), CallId.Of(new(step), attempt), "act", "lost"),
            12 => Given.Approval(step, "r", attempt),
            13 => new QuestionAsked(new("q"), new(step), "Well?", []),
            14 => Given.Suspended(step, request, attempt),
            15 => new ApprovalDecided(new(request), (ApprovalVerdict)which, "ann"),
            16 => new QuestionAnswered(new(request), "ann", "yes"),
            17 => new MessageReceived("ann", "news"),
            18 => new StepsSpawned(new(step), attempt, [Given.Step("h")], Rationale.Because("help")),
            _ => which > 0 ? new MessageReceived("bob", "more") : new CancelRequested("ann", "no"),
        };
    }
}
