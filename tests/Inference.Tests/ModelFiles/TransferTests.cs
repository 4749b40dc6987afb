using AgentMesh.Doubles;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.ScriptedModel;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Inference.Tests.ModelFiles;

/// <summary>Bytes over connections that break, stall and lie.</summary>
public sealed class TransferTests
{
    private const int Size = 20_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Task Never => new TaskCompletionSource().Task.WaitAsync(Ct);

    /// <summary>A part of another time, right or wrong, then cuts at any places, by servers that know ranges and that do not.</summary>
    [Fact]
    public void Cut_anywhere_it_arrives_whole()
    {
        var cut = Gen.Zip(Gen.Choose(0, Size + 100), Gen.Elements(false, false, true)).ListOf().Select(l => l.Take(7).ToArray());
        var part = Gen.Zip(Gen.Elements(0, 1, 3, 4096, Size - 1, Size, Size + 50), Gen.Elements(true, false));
        var run = Gen.Zip(cut, part).ToArbitrary();
        Prop.ForAll(run, sample => Arrives(sample.Item1, sample.Item2.Item1, sample.Item2.Item2).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40).WithReplay(20261121, 7));
    }

    private static async Task<bool> Arrives((int After, bool IgnoresRange)[] cuts, int have, bool right)
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        if (have > 0)
        {
            Directory.CreateDirectory(f.Cached("blobs"));
            byte[] part = [.. file.Bytes, .. new byte[100]];
            await File.WriteAllBytesAsync(f.Part(file), right ? part[..have] : HubDouble.Gguf(have + 300, 9)[..have], Ct);
        }

        f.Hub.Transfers = n => n < cuts.Length ? new(cuts[n].After, cuts[n].IgnoresRange, Abrupt: n % 2 == 0) : new();
        await f.Whole(file, await f.Pull());
        return true;
    }

    [Fact]
    public async Task It_goes_on_where_it_stopped()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Hub.Transfers = n => new(CutAfter: n < 3 ? 5000 : Size);
        await f.Whole(file, await f.Pull());
        Assert.Equal([null, "bytes=5000-", "bytes=10000-", "bytes=15000-"], f.Hub.Gets.Select(g => g.Range));
    }

    [Fact]
    public async Task Interrupted_it_leaves_a_part_that_the_next_pull_goes_on_with()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Hub.Transfers = n => n == 0 ? new(CutAfter: 7000, Hold: Never) : new();
        using var interrupt = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => f.Pull(report: e =>
        {
            if (e is PullEvent.Moved { Have: 7000 }) interrupt.Cancel();
        }, ct: interrupt.Token));
        Assert.Equal(7000, new FileInfo(f.Part(file)).Length);
        await f.Whole(file, await f.Pull());
        Assert.Equal("bytes=7000-", f.Hub.Gets.Last().Range);
    }

    [Fact]
    public async Task A_silent_server_is_left_after_its_time()
    {
        var time = new ManualTime();
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Time = time;
        f.Hub.Transfers = n => n == 0 ? new(CutAfter: 7000, Hold: Never) : new();
        f.Patience = f.Patience with { FirstWait = TimeSpan.FromSeconds(1) };
        TaskCompletionSource half = new(TaskCreationOptions.RunContinuationsAsynchronously), left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var pull = f.Pull(report: e =>
        {
            if (e is PullEvent.Moved { Have: 7000 }) half.TrySetResult();
            if (e is PullEvent.Retries { Why: var why } && why.Contains("fell silent", StringComparison.Ordinal)) left.TrySetResult();
        });
        await half.Task.WaitAsync(Ct);
        while (!left.Task.IsCompleted)
        {
            await Task.WhenAny(time.Timer(f.Patience.Silence), left.Task).WaitAsync(Ct);
            if (!left.Task.IsCompleted) time.Advance(f.Patience.Silence);
        }

        await time.Timer(TimeSpan.FromSeconds(1)).WaitAsync(Ct);
        time.Advance(TimeSpan.FromSeconds(1));
        await f.Whole(file, await pull);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Thu, 01 Jan 2026 00:01:00 GMT", 60)]
    [InlineData(null, 1)]
    public async Task A_busy_server_says_when_to_come_back(string? retryAfter, int seconds)
    {
        var time = new ManualTime();
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Time = time;
        f.Patience = f.Patience with { FirstWait = TimeSpan.FromSeconds(1) };
        f.Hub.Transfers = n => n == 0 ? new(Status: 429, RetryAfter: retryAfter) : new();
        var pull = f.Pull();
        await time.Timer(TimeSpan.FromSeconds(seconds)).WaitAsync(Ct);
        Assert.False(pull.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(seconds));
        await f.Whole(file, await pull);
    }

    [Theory]
    [InlineData(500, null, "Given up after 9 attempts")]
    [InlineData(503, "86400", "asks to wait 86400 s")]
    [InlineData(418, null, "answers 418")]
    public async Task It_gives_up_in_the_end(int status, string? retryAfter, string says)
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Hub.Transfers = _ => new(Status: status, RetryAfter: retryAfter);
        var fault = await f.Fails();
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        Assert.Equal(ModelFileFault.Broken, fault.Fault);
    }

    [Fact]
    public async Task Transfers_that_bring_much_may_break_any_number_of_times()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(6 << 20));
        f.Patience = f.Patience with { Retries = 1 };
        f.Hub.Transfers = _ => new(CutAfter: (1 << 20) + 1000);
        await f.Whole(file, await f.Pull());
    }

    [Fact]
    public async Task A_range_that_nobody_has_begins_again()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Hub.Transfers = n => n switch { 0 => new(CutAfter: 9000), 1 => new(Status: 416), _ => new() };
        await f.Whole(file, await f.Pull());
        Assert.Equal([null, "bytes=9000-", null], f.Hub.Gets.Select(g => g.Range));
    }

    [Fact]
    public async Task A_wrong_range_is_not_taken()
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Hub.Transfers = n => n == 0 ? new(CutAfter: 9000) : new(RangeOffBy: -1);
        Assert.Contains("another part", (await f.Fails()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Size - 1, false, "promised 19999")]
    [InlineData(Size + 1, false, "promised 20001")]
    [InlineData(Size - 1, true, "sends more than")]
    [InlineData(Size + 1, true, "broke off")]
    [InlineData(0, false, "does not say how large")]
    [InlineData(-5, false, "does not say how large")]
    public async Task A_size_that_is_not_true_is_found(int says, bool chunked, string fault)
    {
        await using var f = await HubFixture.Start();
        f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size)).Size = says;
        f.Hub.Transfers = n => new(Chunked: chunked);
        f.Patience = f.Patience with { Retries = 0 };
        Assert.Contains(fault, (await f.Fails()).Message, StringComparison.Ordinal);
        Assert.Empty(f.Store.List());
    }

    [Fact]
    public async Task A_hash_that_is_not_true_leaves_nothing()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        file.Bytes = HubDouble.Gguf(Size, 2);
        Assert.Contains("is not what", (await f.Fails()).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(f.Cached("blobs")));
        Assert.Empty(f.Store.List());
    }

    [Fact]
    public async Task What_changes_in_the_middle_is_pulled_as_it_is_now()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        f.Hub.Transfers = n =>
        {
            if (n != 0) return new();
            // Between the first transfer and the second the branch moves, and the server has only the new file.
            var next = HubDouble.Gguf(Size + 1000, 2);
            (file.Bytes, file.Size, file.Etag) = (next, next.Length, HubFile.Sha256(next));
            return new(Status: 500);
        };
        await f.Whole(file, await f.Pull());
        Assert.Equal(Size + 1000, Assert.Single(f.Store.List()).Bytes);
    }

    [Fact]
    public async Task What_never_stays_the_same_is_given_up()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        var version = 1;
        f.Hub.Before = c =>
        {
            if (c.Request.Method == "GET" && c.Request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal)) file.Etag = HubFile.Sha256([(byte)version++]);
            return false;
        };
        Assert.Contains("again and again", (await f.Fails()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_pulls_of_one_file_are_one_transfer()
    {
        await using var f = await HubFixture.Start();
        var file = f.Hub.Add(HubFixture.File, HubDouble.Gguf(Size));
        TaskCompletionSource waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        f.Hub.Transfers = n => n == 0 ? new(CutAfter: Size / 2, Hold: waits.Task) : throw new InvalidOperationException("It was asked for twice.");
        var first = f.Pull(report: e =>
        {
            if (e is PullEvent.Began) began.TrySetResult();
        });
        await began.Task.WaitAsync(Ct);
        var second = f.Pull(report: e =>
        {
            if (e is PullEvent.Waits) waits.TrySetResult();
        });
        Assert.Equal(await first, await second);
        await f.Whole(file, await first);
    }

    [Fact]
    public async Task A_way_that_leads_nowhere_ends()
    {
        await using var f = await HubFixture.Start();
        f.Hub.Before = c =>
        {
            c.Response.StatusCode = 302;
            c.Response.Headers.Location = c.Request.Path.Value!.Contains("loop", StringComparison.Ordinal) ? c.Request.Path.Value : "ftp://example/";
            return true;
        };
        Assert.Contains("to no address", (await f.Fails()).Message, StringComparison.Ordinal);
        Assert.Contains("in circles", (await f.Fails(HubDouble.Repo + "@loop")).Message, StringComparison.Ordinal);
    }
}
