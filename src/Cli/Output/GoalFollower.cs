using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>Stays with a goal until it ends or only a person can move it: live in a terminal, line by line elsewhere.</summary>
internal static class GoalFollower
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    /// <summary>Shows progress on stderr and the result on stdout.</summary>
    /// <returns>The exit code that the goal's state stands for.</returns>
    public static async Task<int> Follow(IMesh mesh, GoalId goal, Terminal terminal, bool json, CancellationToken ct)
    {
        GoalView view;
        var shown = 0L;
        while (true)
        {
            var state = terminal.IsInteractive && !json ? await Live(mesh, goal, terminal, ct) : await Lines(mesh, goal, shown, terminal, ct);
            if (state.Status == GoalStatus.Waiting && terminal.IsInteractive && !json && await Ask(mesh, state, terminal, ct)) continue;
            view = await mesh.Get(goal, ct);
            // Where somebody else answered in between, it goes on, and so does this.
            if (view.EndedAt is not null || view.Status == GoalStatus.Waiting) break;
            shown = state.Sequence;
        }

        if (json) terminal.Out.WriteLine(ResultDocument.Json(view));
        else GoalPage.PrintResult(terminal, view);
        if (view.Status == GoalStatus.Waiting) PersonPrompt.Hint(terminal, view);
        return ExitCodes.Of(view.Status);
    }

    /// <summary>Asks until the person answers or the goal moves without them: another terminal decided, or the deadline came.</summary>
    private static async Task<bool> Ask(IMesh mesh, GoalState state, Terminal terminal, CancellationToken ct)
    {
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var moved = Moved();
        try
        {
            return await PersonPrompt.Ask(mesh, state, terminal, asking.Token, ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            await asking.CancelAsync();
            await moved;
        }

        async Task Moved()
        {
            try
            {
                await foreach (var _ in mesh.Events(state.Goal, state.Sequence, follow: true, asking.Token)) break;
                await asking.CancelAsync();
            }
            catch (OperationCanceledException) when (asking.IsCancellationRequested)
            {
                // The person was quicker.
            }
        }
    }

    private static async Task<GoalState> Lines(IMesh mesh, GoalId goal, long shown, Terminal terminal, CancellationToken ct)
    {
        if (shown == 0) terminal.Err.WriteLine($"goal {goal}");
        return await Fold(mesh, goal, step =>
        {
            if (step.Entry.Sequence > shown) terminal.Err.WriteLine(EventLine.Of(step.Entry));
        }, ct);
    }

    private static async Task<GoalState> Live(IMesh mesh, GoalId goal, Terminal terminal, CancellationToken ct)
    {
        GoalState? state = null;
        await terminal.Console.Live(new Text($"goal {goal}")).AutoClear(false).StartAsync(async live =>
        {
            var folding = Fold(mesh, goal, step => Volatile.Write(ref state, step.State), ct);
            using var beat = new PeriodicTimer(Frame, terminal.Time);
            for (var frame = 0; ; frame++)
            {
                if (Volatile.Read(ref state) is { } now)
                {
                    live.UpdateTarget(new Rows(
                        new Markup($"[bold]goal[/] {goal}  [dim]{Markup.Escape(EventLine.One(now.Spec.Text, 90))}[/]"),
                        PlanTree.Render(now, terminal.Time.GetUtcNow(), frame)));
                }

                live.Refresh();
                if (folding.IsCompleted) break;
                await beat.WaitForNextTickAsync(ct);
            }

            state = await folding;
        });
        return state!;
    }

    private static async Task<GoalState> Fold(IMesh mesh, GoalId goal, Action<(JournalEntry Entry, GoalState State)> each, CancellationToken ct)
    {
        GoalState? state = null;
        await foreach (var entry in mesh.Events(goal, 0, follow: true, ct))
        {
            (state, var commands) = GoalMachine.Step(state, entry);
            each((entry, state));
            // A decision of the machine follows in the same append: the state between the two is no place to stop.
            if (state.Status == GoalStatus.Waiting && !commands.Any(c => c is Command.Record) && await IsCurrent(mesh, goal, state, ct)) return state;
        }

        return state ?? throw new CliException($"There is no goal {goal}.");
    }

    private static async Task<bool> IsCurrent(IMesh mesh, GoalId goal, GoalState state, CancellationToken ct) =>
        (await mesh.Get(goal, ct)).LastSequence == state.Sequence;
}
