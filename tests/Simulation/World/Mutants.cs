using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;

namespace AgentMesh.Simulation;

/// <summary>A goal's driver as the simulated host sees it.</summary>
internal interface ISimDriver
{
    GoalState? State { get; }
    Task Load();
    Task<string?[]> Handle(IReadOnlyList<Delivery> deliveries);
}

/// <summary>Where planted bugs sit: around the real components, never in them.</summary>
internal static class Mutants
{
    public static ISimDriver Driver(SimWorld world, SimHost life, IGoalWork work) => world.Mutation is Mutation.None
        ? new RealDriver(world, life, work)
        : new MutantDriver(world, life, work);

    public static IGoalWork Work(SimWorld world, IGoalWork work) => world.Mutation is Mutation.None ? work : new MutantWork(world, work);

    /// <summary>What travels from the work to the goal.</summary>
    public static Delivery Rewrite(Mutation mutation, Delivery sent) =>
        mutation switch
        {
            Mutation.MissingClaim => sent with { Events = [.. sent.Events.Where(e => e is not ToolClaimed)] },
            Mutation.WordForReceipt => sent with
            {
                Events = [.. sent.Events.Select(e => e is ToolReturned { Reconciled: true, Result: not null } receipt ? receipt with { Result = SimJson.Word } : e)],
            },
            _ => sent,
        };

    /// <summary>The value an agent puts into its arguments: after an approval the mutant's agent asks for something else.</summary>
    public static string Ask(SimWorld world, StepId step, string value) =>
        world.Mutation == Mutation.ApprovalForOtherArguments && world.Checks.Truth!.Requests.Any(r => r.Step == step && r.Decision is not null) ? $"{value} and more" : value;

    private sealed class RealDriver(SimWorld world, SimHost life, IGoalWork work) : ISimDriver
    {
        private GoalDriver driver = null!;

        public GoalState? State => driver.State;

        public Task Load()
        {
            driver = new GoalDriver(SimWorld.Goal, world.Journal.For(life), work, life.Time, $"life-{life.Number}", (_, state) => world.Checks.OnDriven(state));
            return driver.Load(CancellationToken.None);
        }

        public Task<string?[]> Handle(IReadOnlyList<Delivery> deliveries) => driver.Handle(deliveries, CancellationToken.None);
    }

    private sealed class MutantWork(SimWorld world, IGoalWork inner) : IGoalWork
    {
        public void Begin(GoalState state, Command command)
        {
            switch (world.Mutation)
            {
                case Mutation.BudgetNotReserved:
                    state = state with { Spec = state.Spec with { Constraints = state.Spec.Constraints with { Budget = Budget.Unlimited } } };
                    break;
                case Mutation.ForgottenCalls when command is Command.RunStep:
                    state = state with { Steps = [.. state.Steps.Select(s => s with { Calls = [.. s.Calls.Select(c => c.IsModel ? c with { RequestHash = "lost" } : c)] })] };
                    break;
                case Mutation.ForgottenDecision when command is Command.RunStep:
                    state = state with { Requests = [.. state.Requests.Select(r => r with { Decision = null, Withdrawn = true })] };
                    break;
                case Mutation.ApprovalForOtherArguments when command is Command.RunStep:
                    state = state with { Requests = [.. state.Requests.Select(Widened)] };
                    break;
            }

            inner.Begin(state, command);
        }

        private static PersonRequest Widened(PersonRequest request) =>
            request is { Approval: { } approval, Decision: not null } && approval.Arguments.TryGetProperty("value", out var value)
                ? request with { Approval = approval with { Arguments = SimJson.Arguments(approval.Arguments.GetProperty("action").GetString()!, $"{value} and more") } }
                : request;
    }

    // The real driver is sealed and has no such switches; this is its shape, with them.
    private sealed class MutantDriver(SimWorld world, SimHost life, IGoalWork work) : ISimDriver
    {
        private readonly IJournal journal = world.Journal.For(life);

        public GoalState? State { get; private set; }

        public async Task Load()
        {
            State = GoalMachine.Replay(await journal.Read(SimWorld.Goal));
            if (State is null) return;
            foreach (var command in Orchestration.Recovery.Commands(State))
                if (command is not Command.RunStep || world.Mutation != Mutation.RunningStepNotRecovered) work.Begin(State, command);
        }

        public async Task<string?[]> Handle(IReadOnlyList<Delivery> deliveries)
        {
            var before = State?.Sequence ?? 0;
            var refusals = new string?[deliveries.Count];
            var entries = new List<JournalEntry>();
            var commands = new List<Command>();
            for (var i = 0; i < deliveries.Count; i++) refusals[i] = Take(deliveries[i], entries, commands);

            if (entries.Count == 0) return refusals;
            if (world.Mutation == Mutation.ActsBeforeAppend) Begin(commands);
            await journal.Append(new JournalAppend(SimWorld.Goal, before, entries, null, "mutant"));
            if (world.Mutation != Mutation.ActsBeforeAppend) Begin(commands);
            return refusals;
        }

        private string? Take(Delivery delivery, List<JournalEntry> entries, List<Command> commands)
        {
            if (delivery.Seen is { } seen && world.Mutation != Mutation.RepeatedEndTaken && Retold(delivery.Events[^1]).Equals(delivery.Events[^1])
                && AttemptEnd.IsOfAnEarlierRun(State, delivery.Events, seen)) return "gone on";
            foreach (var delivered in delivery.Events)
            {
                var e = Retold(delivered);
                if (Admission.Refuse(State, e) is { } refusal && !(world.Mutation == Mutation.TakenAfterEnd && State?.Ended is not null && e is not GoalSubmitted))
                {
                    if (delivery.Seen is not null && world.Mutation != Mutation.RefusedEndForgotten && AttemptEnd.Instead(delivery.Events, refusal) is { } instead && Admission.Refuse(State, instead) is null)
                        Take(instead, entries, commands);
                    return refusal;
                }

                Take(e, entries, commands);
                if (world.Mutation == Mutation.DoubleReceipt && e is ToolReturned) Take(e, entries, commands);
            }

            return null;
        }

        private GoalEvent Retold(GoalEvent e) => world.Mutation != Mutation.StaleAttemptAccepted ? e : e switch
        {
            StepCompleted x when State?.Step(x.Step) is { Status: StepStatus.Running } step => x with { Attempt = step.Attempt },
            StepFailed x when State?.Step(x.Step) is { Status: StepStatus.Running } step => x with { Attempt = step.Attempt },
            _ => e,
        };

        private void Begin(List<Command> commands)
        {
            foreach (var command in commands) work.Begin(State!, command);
        }

        private void Take(GoalEvent input, List<JournalEntry> entries, List<Command> commands)
        {
            var pending = new Queue<GoalEvent>([input]);
            while (pending.TryDequeue(out var e))
            {
                var entry = new JournalEntry((State?.Sequence ?? 0) + 1, world.Clock.Now, e);
                if (State?.Ended is not null)
                {
                    entries.Add(entry);
                    State = State with { Sequence = entry.Sequence };
                    continue;
                }

                (State, var next) = GoalMachine.Step(State, entry);
                entries.Add(entry);
                foreach (var command in next)
                {
                    if (command is Command.Record record) pending.Enqueue(Hasty(record.Event));
                    else if (!(world.Mutation == Mutation.LostResume && input is ApprovalDecided or QuestionAnswered && command is Command.RunStep)) commands.Add(command);
                }
            }
        }

        private GoalEvent Hasty(GoalEvent e)
        {
            if (world.Mutation != Mutation.StartedWithoutInputs || e is not StepStarted started) return e;
            var early = State!.Steps.FirstOrDefault(s => s.Status == StepStatus.Pending && s.Definition.Inputs.Any(i => State.Artifact(i) is null));
            return early is null ? e : started with { Step = early.Id, Attempt = 1 };
        }
    }
}
