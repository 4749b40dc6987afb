using AgentMesh.Inference.Serving;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Inference.Tests.Serving;

public sealed class FairQueueTests
{
    private static long s_number;

    private static QueuedRequest Ask(string tenant, long cost = 1, long order = 0) => new(tenant, order, Interlocked.Increment(ref s_number), cost);

    private static string Order(FairQueue queue)
    {
        List<string> order = [];
        while (queue.Next() is { } next) order.Add(next.Tenant);
        return string.Concat(order);
    }

    [Fact]
    public void Tenants_take_turns_by_tokens_not_by_requests()
    {
        var queue = new FairQueue(_ => 1);
        for (var i = 0; i < 6; i++) queue.Add(Ask("a", 10));
        for (var i = 0; i < 2; i++) queue.Add(Ask("b", 30));
        Assert.Equal("abaaabaa", Order(queue));
    }

    [Fact]
    public void One_that_was_put_back_is_charged_once()
    {
        var queue = new FairQueue(_ => 1);
        foreach (var tenant in new[] { "a", "b" })
            for (var i = 0; i < 3; i++) queue.Add(Ask(tenant, 10));
        var back = queue.Next()!;
        for (var i = 0; i < 4; i++)
        {
            queue.PutBack(back);
            Assert.Same(back, queue.Next());
        }

        queue.Ended(back, 10);
        Assert.Equal("babab", Order(queue));
    }

    [Fact]
    public void What_one_took_before_it_was_put_back_is_charged_when_it_gives_up()
    {
        var queue = new FairQueue(_ => 1);
        for (var i = 0; i < 3; i++) queue.Add(Ask("a", 10));
        for (var i = 0; i < 3; i++) queue.Add(Ask("b", 10));
        var back = queue.Next()!;
        queue.PutBack(back);
        Assert.True(queue.Remove(back, 20));
        Assert.Equal("bbaba", Order(queue));
    }

    [Fact]
    public void A_weight_of_two_is_two_thirds()
    {
        var queue = new FairQueue(t => t == "a" ? 2 : 1);
        for (var i = 0; i < 40; i++)
        {
            queue.Add(Ask("a"));
            queue.Add(Ask("b"));
        }

        Assert.Equal(20, Order(queue)[..30].Count(c => c == 'a'));
    }

    [Fact]
    public void Idle_time_is_no_credit()
    {
        var queue = new FairQueue(_ => 1);
        for (var i = 0; i < 100; i++) queue.Add(Ask("a"));
        for (var i = 0; i < 50; i++) queue.Next();
        for (var i = 0; i < 10; i++) queue.Add(Ask("b"));
        // Without a level to come back to, b would be owed fifty turns.
        Assert.InRange(Order(queue)[..10].Count(c => c == 'b'), 4, 6);
    }

    [Fact]
    public void What_was_charged_too_much_comes_back()
    {
        var queue = new FairQueue(_ => 1);
        for (var i = 0; i < 4; i++) queue.Add(Ask("a", 100));
        for (var i = 0; i < 4; i++) queue.Add(Ask("b", 100));
        var first = queue.Next()!;
        Assert.Equal("a", first.Tenant);
        queue.Ended(first, used: 0);
        Assert.Equal("a", queue.Next()!.Tenant);
    }

    [Fact]
    public void A_full_queue_makes_room_at_the_expense_of_the_longest()
    {
        var queue = new FairQueue(_ => 1);
        for (var i = 0; i < 5; i++) queue.Add(Ask("greedy", order: i));
        queue.Add(Ask("b"));
        Assert.Null(queue.PushOut("greedy"));
        Assert.Equal(4, queue.PushOut("b")!.Order);
        Assert.Equal(5, queue.Count);
    }

    [Fact]
    public void Tenants_that_wait_are_served_alike_within_the_bound() => Prop.ForAll<int, byte, byte[]>((seed, wish, weights) =>
    {
        const int largest = 100;
        var random = new Random(seed);
        var slots = wish % 4 + 1;
        string[] tenants = ["a", "b", "c"];
        var weight = tenants.Select((t, i) => (t, w: i < weights.Length ? weights[i] % 4 + 1.0 : 1.0)).ToDictionary(p => p.t, p => p.w);
        var queue = new FairQueue(t => weight[t]);
        foreach (var t in tenants)
            for (var i = 0; i < 300; i++) queue.Add(Ask(t, random.Next(1, largest + 1)));
        var served = tenants.ToDictionary(t => t, _ => 0.0);
        List<QueuedRequest> running = [];
        while (tenants.All(t => queue.Waiting(t) > 0))
        {
            if (running.Count < slots)
            {
                var next = queue.Next()!;
                running.Add(next);
                served[next.Tenant] += next.Cost / weight[next.Tenant];
            }
            else
            {
                var ended = running[random.Next(running.Count)];
                running.Remove(ended);
                var used = random.NextInt64(0, ended.Cost + 1);
                queue.Ended(ended, used);
                served[ended.Tenant] -= (ended.Cost - used) / weight[ended.Tenant];
            }

            if (served.Values.Max() - served.Values.Min() > (slots + 1) * largest) return false;
        }

        return true;
    }).QuickCheckThrowOnFailure();
}
