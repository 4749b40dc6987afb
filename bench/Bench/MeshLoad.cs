using System.Diagnostics;
using AgentMesh.Contracts;
using AgentMesh.Local;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Bench;

/// <summary>Goals through a real engine: plan and four steps, each one model call and one tool call, all durable.</summary>
internal sealed class MeshLoad : IAsyncDisposable
{
    private readonly LocalEngine? engine;
    private readonly IMesh mesh;

    /// <summary>On an engine of another kind.</summary>
    public MeshLoad(IMesh mesh) => this.mesh = mesh;

    public MeshLoad(IJournal journal)
    {
        var parts = InstantParts.Create();
        engine = new LocalEngine(
            new LocalOptions(), journal, host => new GoalWork(host, parts.Planner, new LocalAttempts(host, parts.Steps, NullLogger<LocalAttempts>.Instance), NullLogger<GoalWork>.Instance), "bench",
            TimeProvider.System, NullLogger<LocalEngine>.Instance);
        mesh = new LocalMesh(engine, journal, parts.Catalogue, new TimeOrderedGoalIds(TimeProvider.System));
    }

    /// <summary>Goals that this load has run so far.</summary>
    public int Stored { get; private set; }

    /// <summary>Runs the goals with so many at once.</summary>
    public async Task<Figures> Run(int goals, int atOnce)
    {
        var left = goals;
        var milliseconds = new double[goals];
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
        {
            int n;
            while ((n = Interlocked.Decrement(ref left)) >= 0)
            {
                var begun = Stopwatch.GetTimestamp();
                var goal = await mesh.Submit(new GoalSpec { Text = "Do the four parts." });
                await End(goal);
                milliseconds[n] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Stored += goals;
        Array.Sort(milliseconds);
        return new Figures(goals / seconds, milliseconds[goals / 2], milliseconds[(int)(goals * 0.99)]);
    }

    public ValueTask DisposeAsync() => engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task End(GoalId goal)
    {
        var view = await mesh.Wait(goal);
        if (view.Status != GoalStatus.Completed) throw new InvalidOperationException($"{goal}: {view.Reason}");
    }
}

/// <param name="P50">Milliseconds a goal, from submit to the news of its end.</param>
internal sealed record Figures(double GoalsPerSecond, double P50, double P99, double BytesPerGoal = 0);
