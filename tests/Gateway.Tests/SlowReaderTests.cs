using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Tests;

/// <summary>A client that takes nothing of its stream is dropped, and costs the others nothing meanwhile.</summary>
public sealed class SlowReaderTests
{
    [Fact]
    public async Task A_reader_that_takes_nothing_is_dropped_after_a_bounded_buffer_while_others_go_on()
    {
        Flood? flood = null;
        await using var world = await World.Start(new GatewayOptions { Auth = World.Unasked, SlowReader = TimeSpan.FromMilliseconds(300) }, decorate: mesh => flood = new Flood(mesh), listens: true);
        var goal = await world.Submit("ask");
        await world.Get($"/v1/goals/{goal}/wait?timeout=60");

        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync(world.Client.BaseAddress!.Host, world.Client.BaseAddress.Port, World.Ct);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/goals/{goal}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), World.Ct);
        Assert.InRange(await flood!.Stopped.WaitAsync(World.Ct), 1, 10_000);

        // Its place is free, and whoever reads gets on.
        using var reader = await world.Open($"/v1/goals/{goal}/events");
        for (var i = 0; i < 3_000; i++) Assert.NotNull(await reader.ReadLineAsync(World.Ct));
    }

    /// <summary>A journal without end, of entries of 8 kB; says how many of them the first reader was given.</summary>
    private sealed class Flood(IMesh inner) : IMesh
    {
        private readonly TaskCompletionSource<int> stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> Stopped => stopped.Task;

        public async IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, [EnumeratorCancellation] CancellationToken ct = default)
        {
            var given = 0;
            try
            {
                while (!ct.IsCancellationRequested)
                {
                    given++;
                    yield return new JournalEntry(given, DateTimeOffset.UnixEpoch, new MessageReceived("me", new string('x', 8_000)));
                    await Task.Yield();
                }
            }
            finally
            {
                stopped.TrySetResult(given);
            }
        }

        public Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) => inner.Fork(goal, request, fork, ct);
        public Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default) => inner.Submit(spec, goal, ct);
        public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => inner.Get(goal, ct);
        public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
        public Task<GoalView> Wait(GoalId goal, CancellationToken ct = default) => inner.Wait(goal, ct);
        public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => inner.Decide(goal, decision, ct);
        public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => inner.Answer(goal, answer, ct);
        public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => inner.Tell(goal, message, ct);
        public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => inner.Cancel(goal, request, ct);
    }
}
