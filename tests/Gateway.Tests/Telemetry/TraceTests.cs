using System.Diagnostics;
using System.Text;
using AgentMesh.Contracts;
using AgentMesh.Hosting.Telemetry;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Gateway.Tests.Telemetry;

/// <summary>A sender takes what the whole process does: beside all other tests its queue overflows, and it drops spans, as it should.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>What a real collector gets of a goal that was submitted over HTTP.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class TraceTests
{
    private const string Caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Fact]
    public async Task A_goal_is_one_connected_trace_with_the_names_of_the_conventions_and_nothing_private()
    {
        await using var collector = await OtlpReceiver.Start();
        var telemetry = Start(collector);
        using var loggers = LoggerFactory.Create(l => l.AddProvider(telemetry));
        var mesh = new TracedMesh(new InMemoryJournal(), loggers, Task.CompletedTask);
        var goal = await Submitted(mesh);
        Assert.Equal(GoalStatus.Completed, (await mesh.Mesh.Wait(goal, World.Ct)).Status);
        await mesh.DisposeAsync();
        telemetry.Dispose();

        var trace = Connected(collector, goal);
        Assert.Equal(
            ["POST /v1/goals", "chat tiny", "execute_tool note.send", "invoke_agent writer", "invoke_workflow playbook:letter", "plan", "submit goal"],
            trace.Values.Select(s => s.Name).Order(StringComparer.Ordinal));
        var agent = Named("invoke_agent writer");
        Assert.Equal(agent.Id, Named("chat tiny").Parent);
        Assert.Equal(agent.Id, Named("execute_tool note.send").Parent);
        Assert.All(["invoke_agent writer", "plan", "invoke_workflow playbook:letter"], n => Assert.Equal(Named("submit goal").Id, Named(n).Parent));
        Assert.Equal(Named("POST /v1/goals").Id, Named("submit goal").Parent);

        Has(
            agent, 1, ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.provider.name", "agentmesh"), ("gen_ai.agent.name", "writer"),
            ("gen_ai.agent.id", $"{goal}/writer/1"), ("gen_ai.conversation.id", goal.Value), ("agentmesh.step", "a"), ("agentmesh.attempt", "1"), ("agentmesh.outcome", "completed"));
        Has(
            Named("chat tiny"), 3, ("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "openai"), ("gen_ai.request.model", "tiny"), ("gen_ai.response.model", "tiny-2"),
            ("gen_ai.usage.input_tokens", "12"), ("gen_ai.usage.output_tokens", "5"), ("gen_ai.response.finish_reasons", "stop"), ("gen_ai.conversation.id", goal.Value),
            ("server.address", "models.test"), ("server.port", "9000"));
        Has(
            Named("execute_tool note.send"), 1, ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "note.send"), ("gen_ai.tool.call.id", "a/2"), ("gen_ai.tool.type", "function"));
        Has(Named("invoke_workflow playbook:letter"), 1, ("gen_ai.operation.name", "invoke_workflow"), ("gen_ai.workflow.name", "playbook:letter"), ("agentmesh.status", "completed"));
        Has(Named("POST /v1/goals"), 2, ("http.request.method", "POST"), ("http.route", "/v1/goals"), ("http.response.status_code", "201"));

        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal) { "gen_ai.client.token.usage", "gen_ai.client.operation.duration", "agentmesh.goals", "agentmesh.steps", "agentmesh.calls" }, collector.Metrics.ToHashSet(StringComparer.Ordinal));
        Assert.Contains(collector.Logs, l => l.Trace == agent.Trace && l.Text.Contains("logs for", StringComparison.Ordinal));
        foreach (var canary in new[] { TracedMesh.Email, TracedMesh.Attachment, TracedMesh.Key, TracedMesh.Prompt, TracedMesh.Reply }) Assert.DoesNotContain(canary, collector.Everything, StringComparison.Ordinal);

        SentSpan Named(string name) => trace.Values.Single(s => s.Name == name);
    }

    [Fact]
    public async Task A_goal_that_another_host_takes_up_stays_in_the_trace_of_who_asked_for_it()
    {
        await using var collector = await OtlpReceiver.Start();
        var telemetry = Start(collector);
        var journal = new InMemoryJournal();
        var first = new TracedMesh(journal, NullLoggerFactory.Instance, new TaskCompletionSource().Task);
        var goal = await Submitted(first, ("traceparent", Caller));
        await foreach (var entry in first.Mesh.Events(goal, follow: true, ct: World.Ct))
            if (entry.Event is ToolClaimed) break;
        await first.DisposeAsync();
        var second = new TracedMesh(journal, NullLoggerFactory.Instance, Task.CompletedTask);
        await second.Recover();
        Assert.Equal(GoalStatus.Completed, (await second.Mesh.Wait(goal, World.Ct)).Status);
        await second.DisposeAsync();
        telemetry.Dispose();

        var trace = Connected(collector, goal, outside: Caller[36..52]);
        Assert.Equal(Caller[3..35], trace.Values.First().Trace);
        Assert.Single(trace.Values, s => s is { Name: "POST /v1/goals" } && s.Parent == Caller[36..52]);
        Assert.Equal(2, trace.Values.Count(s => s.Name == "invoke_agent writer"));
        Assert.Single(trace.Values, s => s.Name == "chat tiny");
    }

    [Fact]
    public async Task Contents_are_told_where_they_are_asked_for_and_redacted()
    {
        await using var collector = await OtlpReceiver.Start();
        var telemetry = Start(collector);
        var options = TelemetrySettings.Spans(n => n switch { "AGENTMESH_TELEMETRY_CONTENT" => "true", "OTEL_SEMCONV_STABILITY_OPT_IN" => "http,gen_ai_latest_experimental", _ => null });
        var mesh = new TracedMesh(new InMemoryJournal(), NullLoggerFactory.Instance, Task.CompletedTask, options);
        var goal = await Submitted(mesh);
        await mesh.Mesh.Wait(goal, World.Ct);
        await mesh.DisposeAsync();
        telemetry.Dispose();

        var trace = Connected(collector, goal);
        var chat = trace.Values.Single(s => s.Name == "chat tiny").Tags;
        Assert.StartsWith("""[{"role":"user","parts":[{"type":"text","content":""", chat["gen_ai.input.messages"], StringComparison.Ordinal);
        Assert.Contains(TracedMesh.Prompt, chat["gen_ai.input.messages"], StringComparison.Ordinal);
        Assert.Contains(TracedMesh.Reply, chat["gen_ai.output.messages"], StringComparison.Ordinal);
        Assert.Contains(TracedMesh.Attachment, trace.Values.Single(s => s.Name == "execute_tool note.send").Tags["gen_ai.tool.call.arguments"], StringComparison.Ordinal);
        Assert.Equal("plan", trace.Values.Single(s => s.Name == "plan orchestrator").Tags["gen_ai.operation.name"]);
        foreach (var canary in new[] { TracedMesh.Email, TracedMesh.Key }) Assert.DoesNotContain(canary, collector.Everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318", "like http://127.0.0.1:4318")]
    [InlineData("AGENTMESH_OTLP", "ftp://collector", "AGENTMESH_OTLP is ftp://collector")]
    public void A_setting_that_cannot_be_used_says_what_it_takes(string name, string value, string said) =>
        Assert.Contains(said, Assert.Throws<FormatException>(() => HostTelemetry.Start(n => n == name ? value : null, "test", "0")).Message, StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_sent_where_no_collector_is_named() => Assert.Null(HostTelemetry.Start(_ => null, "test", "0"));

    private static HostTelemetry Start(OtlpReceiver collector) =>
        HostTelemetry.Start(n => n == "OTEL_EXPORTER_OTLP_ENDPOINT" ? collector.Url : null, "test", "0") ?? throw new InvalidOperationException("It did not start.");

    private static async Task<GoalId> Submitted(TracedMesh mesh, params (string Name, string Value)[] headers)
    {
        // A request's span ends a moment after its answer is there, and what ends after the sender does is not sent.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var requests = new ActivityListener { ShouldListenTo = s => s.Name == "Microsoft.AspNetCore", ActivityStopped = _ => ended.TrySetResult() };
        ActivitySource.AddActivityListener(requests);
        await using var world = await World.Start(decorate: _ => mesh.Mesh);
        var file = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TracedMesh.Attachment} {TracedMesh.Email}"));
        var answer = await world.Post(
            "/v1/goals", $$"""{"text":"{{TracedMesh.Prompt}} {{TracedMesh.Key}}","attachments":[{"name":"a.txt","content":"{{file}}"}]}""", headers);
        Assert.Equal((201, ""), (answer.Status, answer.Status == 201 ? "" : answer.Text));
        await ended.Task.WaitAsync(World.Ct);
        return new GoalId(answer.Json.GetProperty("goal").GetString()!);
    }

    /// <summary>The goal's trace by span, once it is sure that there is one, and that every span but one has its parent in it.</summary>
    /// <param name="outside">The parent of the one, where that is the caller's.</param>
    private static Dictionary<string, SentSpan> Connected(OtlpReceiver collector, GoalId goal, string outside = "")
    {
        var spans = collector.Spans;
        var name = Assert.Single(spans.Where(s => s.Tags.GetValueOrDefault("gen_ai.conversation.id") == goal.Value).Select(s => s.Trace).Distinct(StringComparer.Ordinal));
        var trace = spans.Where(s => s.Trace == name).ToDictionary(s => s.Id, StringComparer.Ordinal);
        Assert.Single(trace.Values, s => s.Parent == outside);
        Assert.All(trace.Values, s => Assert.True(s.Parent == outside || trace.ContainsKey(s.Parent), $"{s.Name} is a child of {s.Parent}, which did not come"));
        return trace;
    }

    private static void Has(SentSpan span, int kind, params (string Name, string Value)[] tags)
    {
        Assert.Equal((kind, false), ((int)span.Kind, span.IsError));
        foreach (var (name, value) in tags) Assert.Equal((name, value), (name, span.Tags.GetValueOrDefault(name)));
    }
}
