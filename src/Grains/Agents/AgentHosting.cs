using AgentMesh.Contracts;
using AgentMesh.Grains.Engine;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Agents;

/// <summary>What the agents of one silo share.</summary>
internal sealed class AgentHosting(
    GoalHosting goals, DirectRunner direct, AgentMemories memories, IJournal journal, StepRunner steps, ClusterEngineOptions options,
    TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger<AgentDriver> driverLog = loggers.CreateLogger<AgentDriver>();

    public DirectRunner Direct => direct;
    public AgentMemories Memories => memories;
    public TimeSpan DrainPatience => options.DrainPatience;
    public TimeProvider Time => time;

    /// <summary>Until when attempts may come to their end on a silo that stops.</summary>
    public CancellationToken GivenUp => goals.Ended;

    /// <param name="idle">Told when the last attempt has ended.</param>
    public AgentDriver Driver(GoalId goal, Action idle) =>
        new(goal, journal, steps, goals.LineTo(goal), goals.BudgetOf, goals.Run, idle, () => goals.WakeSoon(goal), driverLog);

    /// <summary>Has the goal order its attempts anew, once this agent is gone from here.</summary>
    public void OrderAnew(GoalId goal) => goals.WakeSoon(goal);
}
