using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;

namespace AgentMesh.Conformance;

public sealed class InMemoryInboxTests : InboxConformance
{
    protected override Task<IInbox> Open() => Task.FromResult<IInbox>(new InMemoryInbox(TimeProvider.System));
}

public sealed class PostgresInboxTests(PostgresServer server) : InboxConformance
{
    protected override async Task<IInbox> Open() => Keep(await server.NewStore()).Inbox;
}

/// <summary>What every inbox must do.</summary>
public abstract class InboxConformance : StoreTests
{
    private static readonly GoalId Goal = new("goal-1");

    protected abstract Task<IInbox> Open();

    [Fact]
    public async Task What_was_posted_before_comes_first_and_what_is_posted_later_follows()
    {
        var inbox = await Open();
        await inbox.Post(Goal, Message("1"), Ct);
        await inbox.Post(Goal, Message("2 with NUL \0 and ü"), Ct);

        await using var items = inbox.Listen(Ct).GetAsyncEnumerator(Ct);
        Assert.Equal("1", await Next(items));
        Assert.Equal("2 with NUL \0 and ü", await Next(items));
        Assert.Equal(Goal, items.Current.Goal);

        var third = Next(items);
        Assert.False(third.IsCompleted);
        await inbox.Post(Goal, Message("3"), Ct);
        Assert.Equal("3", await third);
    }

    [Fact]
    public async Task What_is_done_does_not_come_again_and_what_is_not_does()
    {
        var inbox = await Open();
        foreach (var text in new[] { "1", "2", "3" }) await inbox.Post(Goal, Message(text), Ct);
        await using (var items = inbox.Listen(Ct).GetAsyncEnumerator(Ct))
        {
            await Next(items);
            await inbox.Done(items.Current.Id, Ct);
            await inbox.Done(items.Current.Id, Ct);
            await Next(items);
        }
        await using var again = inbox.Listen(Ct).GetAsyncEnumerator(Ct);
        Assert.Equal("2", await Next(again));
        Assert.Equal("3", await Next(again));
    }

    [Fact]
    public async Task Many_posts_at_once_all_arrive_each_once()
    {
        var inbox = await Open();
        var posts = Task.WhenAll(Enumerable.Range(0, 50).Select(n => Task.Run(() => inbox.Post(Goal, Message($"{n}"), Ct))));
        await using var items = inbox.Listen(Ct).GetAsyncEnumerator(Ct);
        var seen = new HashSet<string>();
        while (seen.Count < 50) Assert.True(seen.Add(await Next(items)));
        await posts;
    }

    [Fact]
    public async Task Listening_ends_when_it_is_cancelled()
    {
        var inbox = await Open();
        using var stop = new CancellationTokenSource();
        await using var items = inbox.Listen(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = items.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    private static MessageReceived Message(string text) => new("me", text);

    private static async Task<string> Next(IAsyncEnumerator<InboxItem> items)
    {
        Assert.True(await items.MoveNextAsync());
        return ((MessageReceived)items.Current.Event).Text;
    }
}
