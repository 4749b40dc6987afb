using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Runtime;

/// <summary>One durable append, and the goal as it stands after it.</summary>
public sealed record GoalNews(IReadOnlyList<JournalEntry> Entries, GoalState State);

/// <summary>Brings new journal entries to those who follow a goal. A follower that falls behind is cut off and reads the journal instead.</summary>
public sealed class GoalFeed
{
    private const int Backlog = 256;
    private readonly ConcurrentDictionary<GoalId, ImmutableArray<Channel<GoalNews>>> followers = new();

    public Subscription Follow(GoalId goal)
    {
        var channel = Channel.CreateBounded<GoalNews>(new BoundedChannelOptions(Backlog) { SingleReader = true });
        followers.AddOrUpdate(goal, _ => [channel], (_, all) => all.Add(channel));
        return new Subscription(this, goal, channel);
    }

    public void Publish(GoalId goal, GoalNews news)
    {
        if (!followers.TryGetValue(goal, out var all)) return;
        foreach (var channel in all)
            if (!channel.Writer.TryWrite(news)) channel.Writer.TryComplete();
    }

    private void Remove(GoalId goal, Channel<GoalNews> channel)
    {
        while (followers.TryGetValue(goal, out var all))
        {
            var rest = all.Remove(channel);
            if (rest.IsEmpty ? followers.TryRemove(new(goal, all)) : followers.TryUpdate(goal, rest, all)) return;
        }
    }

    /// <summary>Ends quietly when the follower was too slow: what it missed is in the journal.</summary>
    public sealed class Subscription(GoalFeed feed, GoalId goal, Channel<GoalNews> channel) : IDisposable
    {
        public ChannelReader<GoalNews> Entries => channel.Reader;

        public void Dispose() => feed.Remove(goal, channel);
    }
}
