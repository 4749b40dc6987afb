using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Crash;

namespace AgentMesh.ClusterCrash;

/// <summary>
/// Clients that keep a number of support goals in flight: each submits a mail to any living silo, sees its goal through to the end, and submits the
/// next. What fails is asked again of another silo, as a client of a cluster would.
/// </summary>
internal sealed class Load(World world, int atOnce, int seed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly List<string> mails = [.. Directory.EnumerateFiles(Path.Combine(Programs.Root, "samples/support/emails/dev"), "*.eml").Order(StringComparer.Ordinal)];
    private readonly ConcurrentDictionary<string, int> troubles = new(StringComparer.Ordinal);
    private volatile bool stopping;
    private Task clients = Task.CompletedTask;

    /// <summary>A goal that shows no progress for so long counts as stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The longest that a person takes to decide.</summary>
    public TimeSpan Deciding { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Goals whose submit was acknowledged.</summary>
    public ConcurrentBag<GoalId> Accepted { get; } = [];

    /// <summary>Goals that were given up on.</summary>
    public ConcurrentBag<string> Stuck { get; } = [];

    /// <summary>Requests that failed and were made again, by what they met.</summary>
    public IReadOnlyDictionary<string, int> Troubles => troubles;

    public void Start() => clients = Task.WhenAll(Enumerable.Range(0, atOnce).Select(n => Task.Run(() => Client(new Random(seed * 1000 + n)))));

    /// <summary>Waits until so many goals were acknowledged.</summary>
    public async Task Reach(int goals)
    {
        while (Accepted.Count < goals)
        {
            if (clients.IsFaulted) await clients;
            await Task.Delay(Pause);
        }
    }

    /// <summary>No further goals; sees those under way to their end, also those of which no client ever heard.</summary>
    public async Task End()
    {
        stopping = true;
        await clients;
        var random = new Random(seed);
        var left = await Journals.Unfinished(world.Database);
        await Task.WhenAll(left.Except(Stuck.Select(s => new GoalId(s.Split(' ')[0]))).Select(g => SeeThrough(g, new Random(random.Next()))));
    }

    private async Task Client(Random random)
    {
        while (!stopping)
            if (await Submit(random) is { } goal) await SeeThrough(goal, random);
    }

    /// <returns>Null when nobody can say whether the goal exists.</returns>
    private async Task<GoalId?> Submit(Random random)
    {
        var mail = mails[random.Next(mails.Count)];
        var request = new GoalRequest
        {
            Text = "Answer this customer, open a ticket", Playbook = "support", Knowledge = [World.Knowledge],
            Attachments = [new AttachmentRequest(Path.GetFileName(mail), await File.ReadAllBytesAsync(mail))],
            Constraints = new ConstraintsRequest { Approvals = random.Next(4) == 0 ? ApprovalMode.Ask : ApprovalMode.Auto },
        };
        // Half of the clients can repeat a submit whose answer was lost, half of them cannot.
        var key = random.Next(2) == 0 ? Guid.NewGuid().ToString() : null;
        do
        {
            if (await Asked("submit", random, url => Gateway.Submit(url, request, key)) is not { Goal: var goal }) continue;
            Accepted.Add(goal);
            return goal;
        }
        while (key is not null);

        return null;
    }

    private async Task SeeThrough(GoalId goal, Random random)
    {
        var (sequence, since) = (-1L, TimeProvider.System.GetTimestamp());
        var last = "never answered";
        while (true)
        {
            var view = await Asked("wait", random, url => Gateway.Wait(url, goal));
            if (view?.EndedAt is not null) return;
            if (view is not null)
            {
                last = $"{view.Status} at {view.LastSequence}: {view.Reason}";
                if (view.LastSequence > sequence) (sequence, since) = (view.LastSequence, TimeProvider.System.GetTimestamp());
            }

            if (TimeProvider.System.GetElapsedTime(since) > Patience)
            {
                Stuck.Add($"{goal} {last}");
                return;
            }

            if (view?.Status == GoalStatus.Waiting) await Decide(goal, view, random);
        }
    }

    private async Task Decide(GoalId goal, GoalView view, Random random)
    {
        await Task.Delay(Deciding * random.NextDouble());
        foreach (var approval in view.OpenApprovals) await Asked("decide", random, url => Done(Gateway.Approve(url, goal, approval.Request)));
        foreach (var question in view.OpenQuestions)
        {
            var answer = question.Choices.Count > 0 ? question.Choices[0] : "Go on.";
            await Asked("answer", random, url => Done(Gateway.Answer(url, goal, question.Request, answer)));
        }

        static async Task<string> Done(Task call)
        {
            await call;
            return "done";
        }
    }

    /// <returns>Null when it failed; the caller asks again.</returns>
    private async Task<T?> Asked<T>(string what, Random random, Func<string, Task<T>> call) where T : class
    {
        try
        {
            if (world.Living is { Count: > 0 } silos) return await call(silos[random.Next(silos.Count)].Url);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or RefusedException or IOException)
        {
            var kind = $"{what}: {(e is RefusedException refused ? refused.Message[..Math.Min(refused.Message.Length, 160)] : e.GetType().Name)}";
            troubles.AddOrUpdate(kind, 1, (_, n) => n + 1);
        }

        await Task.Delay(Pause);
        return null;
    }
}
