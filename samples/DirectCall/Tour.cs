using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;

namespace AgentMesh.Samples.DirectCall;

/// <summary>Every way to talk to a mesh, once.</summary>
internal sealed class Tour(IGrainFactory grains, IMesh mesh, TextWriter output)
{
    public async Task Run(string text, CancellationToken ct)
    {
        await Classify(text, ct);
        await Retrieve(text, ct);
        await Work(text, ct);
        await Submit(text, ct);
    }

    private async Task Classify(string text, CancellationToken ct)
    {
        var answer = await grains.GetGrain<IClassifierGrain>("direct-call").Classify(new ClassifyRequest(text) { Deadline = TimeSpan.FromSeconds(20) }, ct);
        await output.WriteLineAsync($"classified: {answer.Category} ({answer.Confidence:0.00}, {answer.Tier}): {answer.Reason}");
    }

    private async Task Retrieve(string text, CancellationToken ct)
    {
        var passages = await grains.GetGrain<IRetrieverGrain>("direct-call").Retrieve(new RetrieveRequest(text) { Limit = 3 }, ct);
        await output.WriteLineAsync($"retrieved: {passages.Count} passages");
        foreach (var passage in passages) await output.WriteLineAsync($"  {passage.Collection}/{passage.Document} [{passage.Start}..{passage.End}]");
    }

    // An agent under a key of ours, which remembers; the limit ends the call here, the deadline at the agent.
    private async Task Work(string text, CancellationToken ct)
    {
        var agent = grains.GetGrain<IClassifierGrain>("direct-call/with-memory");
        await agent.Remember("house style", "Prefer billing where an invoice is named.");
        await output.WriteLineAsync($"remembers: {string.Join("; ", (await agent.Recall()).Select(n => $"{n.Key}: {n.Value}"))}");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var progress = new Progress(output);
        var answer = await agent.Run(
            new AgentRequest("Classify the document.", "category")
            {
                Inputs = [Document(text)], Deadline = TimeSpan.FromSeconds(20),
            },
            grains.CreateObjectReference<IAgentObserver>(progress), limit.Token);
        GC.KeepAlive(progress); // Orleans holds observers weakly.
        await output.WriteLineAsync($"answered: {answer.Value.Value} ({answer.Tier})");
    }

    // The observer is a hint; Wait is the answer.
    private async Task Submit(string text, CancellationToken ct)
    {
        var goal = await mesh.Submit(new GoalSpec { Text = text }, ct: ct);
        var follower = new Follower(output);
        await grains.GetGrain<IOrchestratorGrain>(goal.Value).Observe(grains.CreateObjectReference<IGoalObserver>(follower));
        var view = await mesh.Wait(goal, ct);
        GC.KeepAlive(follower);
        await output.WriteLineAsync($"{goal}: {view.Status} {view.Reason}");
    }

    private static Artifact Document(string text) => new()
    {
        Id = new ArtifactId("in-1"), Kind = "document", Value = MeshJson.Parse($$"""{"name":"text.txt","text":"{{System.Text.Json.JsonEncodedText.Encode(text)}}"}"""), Trust = Trust.Untrusted,
        Origin = new Origin(null, null, null),
    };

    private sealed class Progress(TextWriter output) : IAgentObserver
    {
        public Task Called(string what, string name, double seconds, string? error) => output.WriteLineAsync($"  {what} {name} {seconds:0.000} s {error}");
    }

    private sealed class Follower(TextWriter output) : IGoalObserver
    {
        public async Task Appended(GoalId goal, IReadOnlyList<JournalEntry> entries)
        {
            foreach (var entry in entries) await output.WriteLineAsync($"  {entry.Sequence} {entry.Event.GetType().Name}");
        }
    }
}
