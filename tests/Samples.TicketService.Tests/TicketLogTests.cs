using System.Net;

namespace AgentMesh.Samples.TicketService.Tests;

public sealed class TicketLogTests
{
    private const string Draft = """{"title":"t","body":"b","category":"account","urgency":"normal","ref":{"n":1}}""";

    [Fact]
    public async Task Restart_knows_tickets_and_keys_and_goes_on_numbering()
    {
        string log, id;
        await using (var before = await RunningService.StartAsync())
        {
            log = before.LogFile;
            id = (await (await before.PostAsync(Draft, "k")).JsonAsync()).Text("id");
            await before.PostAsync("{}", "bad");
        }

        await using var after = await RunningService.StartAsync(log);
        var replayed = await after.PostAsync(Draft, "k");
        var next = await (await after.PostAsync(Draft)).JsonAsync();

        Assert.Equal(HttpStatusCode.OK, replayed.StatusCode);
        Assert.Equal(id, (await replayed.JsonAsync()).Text("id"));
        Assert.Equal(1, (int)(await replayed.JsonAsync())["ref"]!["n"]!);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await after.PostAsync(Draft.Replace("normal", "low", StringComparison.Ordinal), "k")).StatusCode);
        Assert.NotEqual(id, next.Text("id"));
        Assert.Equal(["created", "rejected", "replayed", "created", "rejected"], after.ReadLog().Select(line => line.Text("outcome")));
    }

    [Theory]
    [InlineData("{\"time\":\"2026-03-02T09:30:0")]
    [InlineData("\0\0\0\0\0\0")]
    public async Task Torn_last_line_is_cut_off(string torn)
    {
        string log;
        await using (var before = await RunningService.StartAsync())
        {
            log = before.LogFile;
            await before.PostAsync(Draft, "k");
        }

        await File.AppendAllTextAsync(log, torn, TestContext.Current.CancellationToken);
        await using var after = await RunningService.StartAsync(log);

        Assert.Equal(HttpStatusCode.OK, (await after.PostAsync(Draft, "k")).StatusCode);
        Assert.Equal(["created", "replayed"], after.ReadLog().Select(line => line.Text("outcome")));
    }

    [Fact]
    public async Task Every_cut_of_the_log_starts_with_the_whole_lines_before_it()
    {
        byte[] bytes;
        await using (var before = await RunningService.StartAsync())
        {
            await before.PostAsync(Draft, "a");
            await before.PostAsync(Draft, "b");
            bytes = await File.ReadAllBytesAsync(before.LogFile, TestContext.Current.CancellationToken);
        }

        var path = Path.Combine(RunningService.NewFolder(), "cut.jsonl");
        for (var length = 0; length <= bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(path, bytes[..length], TestContext.Current.CancellationToken);
            using var log = TicketLog.Open(path);
            Assert.Equal(bytes[..length].Count(b => b == (byte)'\n'), log.Entries.Count);
        }
    }

    [Fact]
    public void Damage_before_the_last_line_is_refused_with_the_line_number()
    {
        var path = Path.Combine(RunningService.NewFolder(), "damaged.jsonl");
        File.WriteAllText(path, "{\"time\":\"2026-03-02T09:30:00Z\",\"outcome\":\"rejected\",\"status\":400}\nnonsense\n{}\n");

        var refusal = Assert.Throws<InvalidDataException>(() => TicketLog.Open(path));

        Assert.StartsWith("Line 2 of ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_service_on_the_same_log_is_refused()
    {
        await using var first = await RunningService.StartAsync();

        var refusal = await Assert.ThrowsAsync<IOException>(() => RunningService.StartAsync(first.LogFile));

        Assert.Contains("Another ticket service holds", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_file_holds_the_bound_address()
    {
        var file = Path.Combine(RunningService.NewFolder(), "sub", "port");

        await using var service = await RunningService.StartAsync(options: new() { PortFile = file });

        Assert.Equal(service.Http.BaseAddress, new Uri((await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim()));
    }

    [Fact]
    public void Options_are_read_in_both_spellings()
    {
        Assert.True(TicketServiceOptions.TryParse(["--log=a.jsonl", "--port-file", "p", "--delay-ms", "20", "--urls", "http://127.0.0.1:0"], out var options, out _));
        Assert.Equal(("a.jsonl", "p", TimeSpan.FromMilliseconds(20), "http://127.0.0.1:0"), (options.LogFile, options.PortFile, options.Delay, options.Urls));
    }

    [Theory]
    [InlineData("--delay-ms", "-1")]
    [InlineData("--urls", "nowhere")]
    [InlineData("--log")]
    [InlineData("--speed", "9")]
    public void Bad_options_are_refused_by_name(params string[] args)
    {
        Assert.False(TicketServiceOptions.TryParse(args, out _, out var error));
        Assert.Contains(args[0], error, StringComparison.Ordinal);
    }
}
