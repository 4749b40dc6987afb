using System.Threading.Channels;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;

namespace AgentMesh.Cluster.Direct;

/// <summary>Another service's calls to agents, through a client of the cluster.</summary>
public sealed class DirectCallTests(DirectMesh mesh) : IClassFixture<DirectMesh>
{
    private static readonly System.Text.Json.JsonElement NoArguments = MeshJson.Parse("{}");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_classifier_classifies()
    {
        mesh.On("Classify the document and sum it up.", (work, _, _) =>
            Task.FromResult(DirectMesh.Done($$"""{"label":"billing","summary":"{{work.Inputs[0].Value!.Value.GetProperty("text").GetString()}}"}""")));
        var answer = await mesh.Client.GetGrain<IClassifierGrain>("a").Classify(new ClassifyRequest("Charged twice"), Ct);
        Assert.Equal(new Classification("billing", 0.9, "Charged twice", "rules", "It says so."), answer);
    }

    [Fact]
    public async Task A_retriever_retrieves()
    {
        var passages = await mesh.Client.GetGrain<IRetrieverGrain>("a").Retrieve(new RetrieveRequest("refund") { Tenant = "acme", Limit = 7, Collections = ["faq"] }, Ct);
        Assert.Equal([new RetrievedPassage("faq", "acme.md", "refund", 3, 9, "limit 7", 0.5)], passages);
    }

    [Theory]
    [InlineData("analyst", "metrics")]
    [InlineData("writer", "reply")]
    [InlineData("poet", "poem")]
    public async Task Every_role_runs(string role, string kind)
    {
        mesh.On($"Work as {role}.", (work, _, _) => Task.FromResult(DirectMesh.Done($$"""{"role":"{{work.Role.Name}}","agent":"{{work.Agent}}","in":{{work.Inputs.Count}}}""")));
        IAgentGrain agent = role switch
        {
            "analyst" => mesh.Client.GetGrain<IAnalystGrain>("a"),
            "writer" => mesh.Client.GetGrain<IWriterGrain>("a"),
            _ => mesh.Client.GetGrain<IRoleGrain>($"{role}/a"),
        };
        var input = new Artifact { Id = new ArtifactId("in-1"), Kind = "document", Value = NoArguments, Trust = Trust.Untrusted, Origin = new Origin(null, null, null) };
        var answer = await agent.Run(new AgentRequest($"Work as {role}.", kind) { Inputs = [input] }, ct: Ct);
        Assert.Equal((kind, Trust.Untrusted, "rules", 0.9), (answer.Value.Kind, answer.Value.Trust, answer.Tier, answer.Confidence));
        Assert.Equal((role, 1), (answer.Value.Value!.Value.GetProperty("role").GetString(), answer.Value.Value!.Value.GetProperty("in").GetInt32()));
        Assert.Equal("It says so.", answer.Why.Reason);
    }

    [Fact]
    public async Task Cancellation_reaches_the_agent()
    {
        var (begun, cancelled) = (Signal(), Signal());
        mesh.On("Wait for the caller.", async (_, _, ct) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            catch (OperationCanceledException)
            {
                cancelled.SetResult();
                throw;
            }

            throw new InvalidOperationException();
        });
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var call = Analyst("c").Run(new AgentRequest("Wait for the caller.", "metrics"), ct: caller.Token);
        await begun.Task.WaitAsync(Ct);
        await caller.CancelAsync();
        await cancelled.Task.WaitAsync(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_deadline_ends_the_work_with_its_code()
    {
        mesh.On("Take too long.", async (_, _, ct) =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException();
        });
        var error = await Refused(() => Analyst("d").Run(new AgentRequest("Take too long.", "metrics") { Deadline = TimeSpan.FromMilliseconds(1) }, ct: Ct));
        Assert.Equal("deadline", error.Code);
    }

    [Fact]
    public async Task Progress_is_told()
    {
        mesh.On("Use a tool.", async (_, calls, ct) =>
        {
            await calls.Call("echo", NoArguments, ct);
            return DirectMesh.Done("{}");
        });
        var heard = new Listener();
        await Analyst("p").Run(new AgentRequest("Use a tool.", "metrics"), mesh.Client.CreateObjectReference<IAgentObserver>(heard), Ct);
        Assert.Equal(("tool", "echo", null), await heard.Calls.Reader.ReadAsync(Ct));
        GC.KeepAlive(heard);
    }

    [Fact]
    public async Task Unknown_roles_and_kinds_are_refused_with_what_there_is()
    {
        var role = await Refused(() => mesh.Client.GetGrain<IRoleGrain>("nobody/1").Run(new AgentRequest("Work.", "poem"), ct: Ct));
        Assert.Equal("bad-request", role.Code);
        Assert.Contains("poet", role.Message, StringComparison.Ordinal);
        var kind = await Refused(() => Analyst("k").Run(new AgentRequest("Work.", "poem"), ct: Ct));
        Assert.Equal("bad-request", kind.Code);
        Assert.Contains("metrics", kind.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ask", "agent-unsure")]
    [InlineData("spawn", "needs-goal")]
    [InlineData("fail", "agent-failed")]
    public async Task What_a_direct_call_cannot_have_has_its_code(string what, string code)
    {
        mesh.On($"Please {what}.", (_, _, _) => Task.FromResult<StepOutcome>(what switch
        {
            "ask" => new StepOutcome.Ask("Which one?", []),
            "spawn" => new StepOutcome.Spawn([], Rationale.Because("too much")),
            _ => new StepOutcome.Failed(FailureKind.Permanent, "It broke."),
        }));
        Assert.Equal(code, (await Refused(() => Analyst("o").Run(new AgentRequest($"Please {what}.", "metrics"), ct: Ct))).Code);
    }

    [Fact]
    public async Task A_tool_with_effect_does_not_run()
    {
        mesh.On("Act.", async (work, calls, ct) =>
        {
            Assert.Equal(["echo"], work.Tools.Select(t => t.Name));
            var answer = await calls.Call("spy", NoArguments, ct);
            return DirectMesh.Done($$"""{"error":"{{answer.Error}}"}""");
        });
        var done = await Analyst("t").Run(new AgentRequest("Act.", "metrics"), ct: Ct);
        Assert.Contains("Submit a goal", done.Value.Value!.Value.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, mesh.Spy.Calls);
    }

    [Fact]
    public async Task A_goal_is_submitted_to_its_orchestrator_and_followed()
    {
        var (begun, release) = (Signal(), Signal());
        mesh.On("followed-goal", async (_, _, ct) =>
        {
            begun.TrySetResult();
            await release.Task.WaitAsync(ct);
            return DirectMesh.Done("{}");
        });
        var goal = new GoalId("followed-goal");
        var orchestrator = mesh.Client.GetGrain<IOrchestratorGrain>(goal.Value);
        await orchestrator.Submit(new GoalSpec { Text = "work" }, Ct);
        await begun.Task.WaitAsync(Ct);
        var follower = new Follower();
        await orchestrator.Observe(mesh.Client.CreateObjectReference<IGoalObserver>(follower));
        release.SetResult();
        Assert.Equal(GoalStatus.Completed, (await mesh.Mesh.Wait(goal, Ct)).Status);

        var heard = new List<JournalEntry>();
        while (heard.LastOrDefault()?.Event is not GoalEnded) heard.AddRange(await follower.Appends.Reader.ReadAsync(Ct));
        GC.KeepAlive(follower);
        var journal = new List<JournalEntry>();
        await foreach (var entry in orchestrator.Events(heard[0].Sequence - 1, follow: false, Ct)) journal.Add(entry);
        Assert.Equal(journal.Select(e => e.Sequence), heard.Select(e => e.Sequence));
        Assert.Equal(journal.Select(e => e.Event.GetType()), heard.Select(e => e.Event.GetType()));
        await orchestrator.Submit(new GoalSpec { Text = "work" }, Ct);
        Assert.Equal("goal-not-found", (await Refused(() => mesh.Client.GetGrain<IOrchestratorGrain>("none").Get(Ct))).Code);
    }

    private IAnalystGrain Analyst(string key) => mesh.Client.GetGrain<IAnalystGrain>(key);

    private static Task<MeshException> Refused(Func<Task> call) => Assert.ThrowsAsync<MeshException>(call);

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Listener : IAgentObserver
    {
        public Channel<(string, string, string?)> Calls { get; } = Channel.CreateUnbounded<(string, string, string?)>();

        public Task Called(string what, string name, double seconds, string? error) => Calls.Writer.WriteAsync((what, name, error)).AsTask();
    }

    private sealed class Follower : IGoalObserver
    {
        public Channel<IReadOnlyList<JournalEntry>> Appends { get; } = Channel.CreateUnbounded<IReadOnlyList<JournalEntry>>();

        public Task Appended(GoalId goal, IReadOnlyList<JournalEntry> entries) => Appends.Writer.WriteAsync(entries).AsTask();
    }
}
