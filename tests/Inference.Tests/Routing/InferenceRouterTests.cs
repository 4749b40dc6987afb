using AgentMesh.Agents.Models;
using AgentMesh.Inference.Routing;
using AgentMesh.ScriptedModel;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Inference.Tests.Routing;

public sealed class InferenceRouterTests
{
    private readonly ManualTime _time = new();

    private InferenceRouter Router(params DeviceState[] devices)
    {
        var router = new InferenceRouter(new RouterOptions(), _time);
        foreach (var device in devices) router.Update(device);
        return router;
    }

    private static DeviceState Device(string name, int slots = 4, int busy = 0, string model = "m") => new(name, [model], slots, busy);

    private static DeviceState[] Devices(int count, int slots = 4) => [.. Enumerable.Range(0, count).Select(i => Device($"gpu{i}", slots))];

    [Fact]
    public void Only_devices_that_serve_the_model_now_are_candidates()
    {
        var router = Router(Device("a"), Device("b", model: "other"), Device("c") with { Draining = true }, Device("d") with { Alive = false }, Device("e"));
        router.Drains("e");
        Assert.Equal(["a"], router.Route("m", 1));
        router.Remove("a");
        Assert.Empty(router.Route("m", 1));
    }

    [Fact]
    public void Without_a_prefix_the_least_loaded_for_its_slots_comes_first() =>
        Assert.Equal(["b", "c", "a"], Router(Device("a", 4, 4), Device("b", 8, 2), Device("c", 4, 2)).Route("m", null));

    [Fact]
    public void Equal_prefixes_meet_on_one_device_and_different_ones_spread()
    {
        var router = Router(Devices(8));
        for (ulong p = 0; p < 50; p++) Assert.Equal(router.Route("m", p)[0], router.Route("m", p)[0]);
        var owners = Enumerable.Range(0, 8000).GroupBy(p => router.Route("m", (ulong)p)[0]).ToList();
        Assert.All(owners, o => Assert.InRange(o.Count(), 850, 1150));
    }

    [Fact]
    public void Twice_the_slots_own_twice_as_many()
    {
        var router = Router(Device("small", 4), Device("large", 8));
        Assert.InRange(Enumerable.Range(0, 3000).Count(p => router.Route("m", (ulong)p)[0] == "large"), 1880, 2120);
    }

    [Fact]
    public void Over_its_bound_the_next_in_the_prefix_s_line_takes_over()
    {
        var router = Router(Devices(4));
        var owner = router.Route("m", 7)[0];
        var before = Router([.. Devices(4).Where(d => d.Device != owner)]).Route("m", 7)[0];
        router.Update(Device(owner, busy: 9));
        Assert.Equal(before, router.Route("m", 7)[0]);
        Assert.Equal(owner, router.Route("m", 7)[^1]);
    }

    [Fact]
    public void No_device_is_ever_sent_more_than_its_bound() => Prop.ForAll<int, PositiveInt, byte>((seed, count, kinds) =>
    {
        var random = new Random(seed);
        var devices = Enumerable.Range(0, count.Get % 9 + 1).Select(i => Device($"gpu{i}", random.Next(1, 9))).ToArray();
        var router = Router(devices);
        var slots = devices.Sum(d => d.Slots);
        var sent = devices.ToDictionary(d => d.Device, _ => 0);
        List<(string Device, InferenceRouter.Sending Sending)> running = [];
        for (var i = 1; i <= 300; i++)
        {
            if (running.Count > 0 && random.Next(3) == 0)
            {
                var end = running[random.Next(running.Count)];
                end.Sending.Dispose();
                running.Remove(end);
                sent[end.Device]--;
                continue;
            }

            // A few prefixes, so that each is far too popular for one device.
            var device = router.Route("m", (ulong)random.Next(kinds % 4 + 1))[0];
            running.Add((device, router.Send(device)));
            sent[device]++;
            var mean = 1.25 * running.Count / slots;
            // The part of all requests by slots, times the bound, rounded up to a whole request.
            if (sent[device] > Math.Ceiling(mean * devices.First(d => d.Device == device).Slots)) return false;
        }

        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void When_a_device_leaves_only_its_own_prefixes_move() => Prop.ForAll<PositiveInt, ulong>((count, start) =>
    {
        var devices = Devices(count.Get % 10 + 2);
        var router = Router(devices);
        var owners = Enumerable.Range(0, 200).ToDictionary(i => start + (ulong)i, i => router.Route("m", start + (ulong)i)[0]);
        var gone = devices[count.Get % devices.Length].Device;
        router.Remove(gone);
        return owners.All(o => o.Value == gone || router.Route("m", o.Key)[0] == o.Value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_sent_counts_until_the_device_reports_it()
    {
        var router = Router(Device("a"), Device("b"));
        using var sending = router.Send("a");
        Assert.Equal("b", router.Route("m", null)[0]);
        router.Update(Device("a", busy: 1));
        Assert.Equal(1, router.Devices[0].Load);
        sending.Dispose();
        sending.Dispose();
        Assert.Equal(0, router.Devices[0].Load);
    }

    [Fact]
    public void A_device_that_is_silent_or_failed_is_a_last_resort()
    {
        var router = Router(Device("a"), Device("b"));
        router.Failed("a");
        Assert.Equal(["b", "a"], router.Route("m", Prefix(router, "a")));
        _time.Advance(TimeSpan.FromSeconds(5));
        router.Update(Device("b", busy: 3));
        Assert.Equal(["a", "b"], router.Route("m", null));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(["b", "a"], router.Route("m", null));
        _time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(["b"], router.Route("m", null));
    }

    [Fact]
    public void A_device_declared_dead_ends_the_calls_to_it()
    {
        var router = Router(Device("a"), Device("b"));
        using var toA = router.Send("a");
        using var toB = router.Send("b");
        router.Update(Device("a") with { Alive = false });
        router.Remove("b");
        Assert.True(toA.Gone.IsCancellationRequested && toB.Gone.IsCancellationRequested);
        router.Update(Device("a"));
        using var again = router.Send("a");
        Assert.False(again.Gone.IsCancellationRequested);
    }

    [Fact]
    public void It_says_when_a_device_takes_requests_again()
    {
        var router = Router(Device("a") with { Draining = true });
        var changed = router.Changed;
        router.Update(Device("a") with { Draining = true, Busy = 1 });
        Assert.False(changed.IsCompleted);
        router.Update(Device("a"));
        Assert.True(changed.IsCompleted);
    }

    [Fact]
    public void One_device_that_knows_the_engine_is_enough()
    {
        var router = Router(Device("a"), Device("b") with { Capabilities = new ModelCapabilities(Support.Yes, Support.No) });
        Assert.Equal(Support.Yes, router.Capabilities("m").NativeTools);
        Assert.Equal(ModelCapabilities.Unknown, router.Capabilities("other"));
    }

    private static ulong Prefix(InferenceRouter router, string owner)
    {
        var prefix = 0UL;
        while (Rendezvous.Score(prefix, owner, 4) < router.Devices.Max(d => Rendezvous.Score(prefix, d.State.Device, 4))) prefix++;
        return prefix;
    }
}
