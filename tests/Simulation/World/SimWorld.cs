using AgentMesh.Contracts;

namespace AgentMesh.Simulation;

/// <summary>One schedule: hosts that live and die, a journal, models, tools and people, all driven by one seed on one thread.</summary>
internal sealed class SimWorld
{
    private const int MostSteps = 6_000;
    private readonly Pump pump = new();
    private readonly List<string>? trace;
    private int lives;
    private bool isSubmitted;

    public SimWorld(ulong seed, Mutation mutation = Mutation.None, bool traced = false)
    {
        (Seed, Mutation) = (seed, mutation);
        trace = traced ? [] : null;
        Random = SimRandom.For(seed, "world");
        Profile = new Profile(seed);
        Checks = new Checks(this);
        Journal = new SimJournal(this);
        Service = new SimService(this);
        People = new SimPeople(this);
    }

    public static readonly GoalId Goal = new("g");
    public ulong Seed { get; }
    public Mutation Mutation { get; }
    public Profile Profile { get; }
    public SimRandom Random { get; }
    public SimClock Clock { get; } = new();
    public Checks Checks { get; }
    public SimJournal Journal { get; }
    public SimService Service { get; }
    public SimPeople People { get; }

    /// <summary>The host that owns the goal as far as the world is concerned; null while none lives.</summary>
    public SimHost? Host { get; private set; }

    /// <summary>True while faults happen.</summary>
    public bool IsChaotic { get; private set; } = true;
    public int Nonce { get; set; }
    public Violation? Violation { get; private set; }
    public IReadOnlyList<string> Trace => trace ?? [];
    public int Crashes { get; private set; }

    public bool IsOver => Checks.Truth?.Ended is not null;

    public void Run()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            Start();
            Submit();
            Drive();
            if (Violation is null) Checks.AtTheEnd();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Violate(Check check, string message) => Violation ??= new Violation(Seed, check, message);

    public void Note(string what)
    {
        if (trace is null) return;
        trace.Add($"{Clock.Now:dd HH:mm:ss.fff} {what}");
    }

    public bool Fault(double probability) => IsChaotic && Random.Chance(probability);

    /// <summary>A wait in one life: over at once, or later, or never when the life ends first.</summary>
    public Task Wait(SimHost life, TimeSpan longest)
    {
        if (Random.Chance(Profile.Instant)) return life.IsAlive ? Task.CompletedTask : Never;
        return Sleep(life, Random.Within(longest));
    }

    public Task Sleep(SimHost life, TimeSpan time)
    {
        var done = new TaskCompletionSource();
        Clock.After(time, () =>
        {
            if (life.IsAlive) done.TrySetResult();
        });
        return done.Task;
    }

    public static Task Never => new TaskCompletionSource().Task;

    /// <summary>The host dies on the spot, or is taken for dead and goes on; another takes its place after a while.</summary>
    public void Crash(string why)
    {
        if (Host is not { } host) return;
        Crashes++;
        Host = null;
        if (Random.Chance(Profile.Zombie)) host.IsReplaced = true;
        else host.IsAlive = false;
        Note($"host {host.Number} {(host.IsReplaced ? "is taken for dead" : "dies")}: {why}");
        Clock.After(Random.Within(TimeSpan.FromSeconds(5)), Start);
    }

    private void Drive()
    {
        var afterEnd = 0;
        for (var i = 0; i < MostSteps; i++)
        {
            pump.Run();
            if (pump.Leaked) Violate(Check.Deterministic, "A continuation ran on the thread pool.");
            if (Violation is not null) return;
            if (i == Profile.ChaosSteps)
            {
                IsChaotic = false;
                Note("faults stop");
            }

            // A little longer than the goal, so that what comes late has its chance to do harm.
            if (IsOver && (!IsChaotic || ++afterEnd > 25)) return;
            if (!Clock.Step())
            {
                if (!IsOver) Violate(Check.Ends, $"Nothing is left that could move the goal: {Describe()}");
                return;
            }

            if (Fault(Profile.CrashPerStep)) Crash("at random");
        }

        Violate(Check.Ends, $"The goal has not ended after {MostSteps} steps: {Describe()}");
    }

    private string Describe() => Checks.Truth is not { } state ? "never submitted" :
        $"{state.Status}, planning {state.Planning}, {string.Join(" ", state.Steps.Select(s => $"{s.Id}:{s.Status}/{s.Attempt}"))}, "
        + $"open {string.Join(" ", state.Requests.Where(r => r.IsOpen).Select(r => r.Id))}";

    private void Start()
    {
        if (Host is not null) return;
        Host = new SimHost(this, ++lives);
        Note($"host {lives} starts");
        if (lives > 1) Host.Recover();
    }

    // The client repeats its submit until it is acknowledged.
    private async void Submit()
    {
        while (!isSubmitted)
        {
            if (Host is { } host) Send(host);
            var again = new TaskCompletionSource();
            Clock.After(TimeSpan.FromSeconds(2), () => again.TrySetResult());
            await again.Task;
        }

        async void Send(SimHost host)
        {
            try
            {
                await host.Post(Goal, [new GoalSubmitted(Goal, Profile.Spec)]);
                isSubmitted = true;
                if (Checks.Truth is null) Violate(Check.AcknowledgedIsDurable, "The goal was acknowledged and is not in the journal.");
                People.Begin();
            }
            catch (Exception e)
            {
                Note($"submit failed: {e.Message}");
            }
        }
    }
}
