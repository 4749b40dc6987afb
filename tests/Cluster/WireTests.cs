using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Streams;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace AgentMesh.Cluster;

/// <summary>What agents and orchestrators tell each other reaches another silo as it was meant.</summary>
public sealed class WireTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddAgentMeshWire().BuildServiceProvider();

    public static TheoryData<string> Collections => ["list", "array", "expression of one", "expression of two"];

    [Theory]
    [MemberData(nameof(Collections))]
    public void Events_cross_from_silo_to_silo_in_whatever_they_are_collected(string collection)
    {
        GoalEvent first = new TimerFired("deadline");
        GoalEvent second = new CancelRequested("me", "no longer wanted");
        IReadOnlyList<GoalEvent> events = collection switch
        {
            "list" => new List<GoalEvent> { first, second },
            "array" => new[] { first, second },
            "expression of one" => [first],
            _ => [first, second],
        };
        var crossed = Cross(new AttemptReport(events, 7));
        Assert.Equal(events, crossed.Events);
        Assert.Equal(7, crossed.Seen);
    }

    public void Dispose() => services.Dispose();

    private T Cross<T>(T value)
    {
        var serializer = services.GetRequiredService<Serializer>();
        return serializer.Deserialize<T>(serializer.SerializeToArray(value))!;
    }
}
