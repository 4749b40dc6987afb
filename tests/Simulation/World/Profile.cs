using AgentMesh.Contracts;

namespace AgentMesh.Simulation;

/// <summary>How hard the world is on the goal in one schedule, and what the goal asks for. Everything follows from the seed.</summary>
internal sealed class Profile
{
    public Profile(ulong seed)
    {
        var random = SimRandom.For(seed, "profile");
        CrashPerStep = random.Pick(0, 0, 0.01, 0.03);
        CrashAtAppend = random.Pick(0, 0.02, 0.06);
        Zombie = random.Pick(0, 0.3);
        LostAck = random.Pick(0, 0, 0.03);
        Unavailable = random.Pick(0, 0, 0.03);
        Duplicate = random.Pick(0, 0.05, 0.2);
        BadModel = random.Pick(0, 0.1, 0.3);
        BadTool = random.Pick(0, 0.15, 0.4);
        BadPlanner = random.Pick(0, 0.1, 0.3);
        SlowPeople = random.Chance(0.3);
        Instant = random.Pick(0.2, 0.8);
        ChaosSteps = 40 + random.Next(160);
        // A draw of its own, so that it leaves the others as they were.
        Holds = SimRandom.For(seed, "holds").Chance(0.5);
        Messages = random.Chance(0.25) ? 1 + random.Next(2) : 0;
        Cancels = random.Chance(0.08);
        MaxPlanSteps = 1 + random.Next(4);
        Spec = new GoalSpec
        {
            Text = "simulate",
            Inputs = [new Artifact { Id = new("in-1"), Kind = "note", Value = SimJson.Label("a"), Origin = new Origin(null, null, null), Trust = Trust.User }],
            Constraints = new GoalConstraints
            {
                Timeout = random.Chance(0.25) ? TimeSpan.FromSeconds(5 + random.Next(100_000)) : null,
                Approvals = random.Pick(ApprovalMode.Ask, ApprovalMode.Ask, ApprovalMode.Ask, ApprovalMode.Auto, ApprovalMode.Never),
                MaxSteps = 4 + random.Next(8),
                MaxReplans = random.Next(4),
                MaxDepth = 1 + random.Next(3),
                Budget = new Budget
                {
                    ModelCalls = random.Chance(0.25) ? random.Next(8) : null,
                    ToolCalls = random.Chance(0.3) ? random.Next(8) : null,
                    Tokens = random.Chance(0.15) ? random.Next(6_000) : null,
                },
            },
        };
    }

    /// <summary>The services behind idempotent tools hold each request for a while, and answer its like with "in flight" until then.</summary>
    public bool Holds { get; }

    public GoalSpec Spec { get; }

    /// <summary>Chance that the host dies at any step of the clock.</summary>
    public double CrashPerStep { get; }

    /// <summary>Chance that the host dies just before or just after a write.</summary>
    public double CrashAtAppend { get; }

    /// <summary>Chance that a host that is replaced goes on without knowing it.</summary>
    public double Zombie { get; }
    public double LostAck { get; }
    public double Unavailable { get; }
    public double Duplicate { get; }
    public double BadModel { get; }
    public double BadTool { get; }
    public double BadPlanner { get; }
    public bool SlowPeople { get; }

    /// <summary>Chance that something that can wait completes at once.</summary>
    public double Instant { get; }

    /// <summary>Steps of the clock after which faults stop.</summary>
    public int ChaosSteps { get; }
    public int Messages { get; }
    public bool Cancels { get; }
    public int MaxPlanSteps { get; }
}
