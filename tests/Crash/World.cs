using System.Diagnostics;

namespace AgentMesh.Crash;

/// <summary>A home, a ticket service that outlives every worker, and the workers' acknowledgements. The service's own log is the judge.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly string folder;
    private readonly TicketWitness tickets;
    private readonly Dictionary<string, string> environment;

    private World(TicketWitness tickets, string folder)
    {
        this.tickets = tickets;
        this.folder = folder;
        environment = new(StringComparer.Ordinal) { ["AGENTMESH_HOME"] = Path.Combine(folder, "home"), ["AGENTMESH_TICKETS_URL"] = tickets.Url };
    }

    /// <summary>Goals whose submit was acknowledged before their worker died.</summary>
    public List<string> Accepted { get; } = [];

    public static async Task<World> Start()
    {
        var home = Directory.CreateTempSubdirectory("agentmesh-crash-").FullName;
        return new World(await TicketWitness.Start(home), home);
    }

    /// <summary>Starts a worker and waits until it is ready. Its acknowledgements are collected until it ends.</summary>
    public async Task<Worker> StartWorker(params string[] args)
    {
        var process = Programs.Start("tests/CrashWorker", [.. args, "--mails", Path.Combine(Programs.Root, "samples/support/emails/dev")], environment);
        var worker = new Worker(process, line =>
        {
            if (line.StartsWith("accepted ", StringComparison.Ordinal)) lock (Accepted) Accepted.Add(line["accepted ".Length..]);
        });
        await worker.Ready;
        return worker;
    }

    /// <summary>Every goal of the journal: its status, and how often it asked for the same approval twice.</summary>
    public async Task<Dictionary<string, (string Status, int AskedTwice)>> Judge()
    {
        var goals = new Dictionary<string, (string, int)>(StringComparer.Ordinal);
        var worker = await StartWorker("judge");
        foreach (var line in await worker.End())
            if (line.Split(' ') is ["goal", var id, var status, var twice]) goals[id] = (status, int.Parse(twice));
        return goals;
    }

    /// <summary>Tickets that the service created, by goal, from its own log.</summary>
    public Task<Dictionary<string, int>> TicketsByGoal() => tickets.Counted("created");

    public async ValueTask DisposeAsync()
    {
        await tickets.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>One life of a host.</summary>
internal sealed class Worker
{
    private readonly Process process;
    private readonly List<string> lines = [];
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> errors;
    private readonly Task reading;

    public Worker(Process process, Action<string> line)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
        reading = Read(line);
    }

    public Task Ready => ready.Task;

    /// <summary>SIGKILL, and whatever it had acknowledged by then.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
    }

    /// <summary>Waits for its own end, which may be a kill by its own hand.</summary>
    public async Task<IReadOnlyList<string>> End(bool mayDie = false)
    {
        await process.WaitForExitAsync();
        await reading;
        if (process.ExitCode != 0 && !mayDie) throw new InvalidOperationException($"The worker ended with {process.ExitCode}: {await errors}");
        process.Dispose();
        return lines;
    }

    private async Task Read(Action<string> line)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } text)
        {
            lines.Add(text);
            line(text);
            if (text == "ready") ready.TrySetResult();
        }

        ready.TrySetException(new InvalidOperationException($"The worker did not start: {await errors}"));
    }
}
