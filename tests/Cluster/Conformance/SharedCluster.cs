using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using Npgsql;

namespace AgentMesh.Cluster;

/// <summary>A cluster on a database, whose agents can be moved to another world.</summary>
internal interface ILastingMesh : IMeshUnderTest
{
    CurrentWorld World { get; }
}

/// <summary>
/// The cluster that the tests of a class use one after another, because starting one takes longer than most of them. Each gets it without a goal
/// and with a world of its own. A crash is part of its life; a test that leaves a goal unfinished has it replaced.
/// </summary>
public sealed class SharedCluster : IAsyncDisposable
{
    private ILastingMesh? mesh;
    private string postgres = "";

    /// <param name="schema">Makes a database for a new cluster.</param>
    internal async Task<IMeshUnderTest> Lend(MeshSetup setup, Func<Task<string>> schema, Func<string, CurrentWorld, Task<ILastingMesh>> start)
    {
        if (setup.MaxRunning is not null) throw new NotSupportedException("All tests of the class have the same cluster.");
        var world = EngineConformance.World.Find(setup.World);
        mesh ??= await start(postgres = await schema(), new CurrentWorld());
        mesh.World.Now = world;
        return new Lent(this, mesh);
    }

    public async ValueTask DisposeAsync()
    {
        if (mesh is not null) await mesh.DisposeAsync();
        mesh = null;
    }

    private async ValueTask TakeBack()
    {
        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        await using var unfinished = new NpgsqlCommand("SELECT count(*) FROM goals WHERE ended IS NULL", connection);
        if (await unfinished.ExecuteScalarAsync() is not 0L || TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            await DisposeAsync();
            return;
        }

        await using var wipe = new NpgsqlCommand("TRUNCATE journal, goals", connection);
        await wipe.ExecuteNonQueryAsync();
    }

    private sealed class Lent(SharedCluster owner, IMeshUnderTest mesh) : IMeshUnderTest
    {
        public IMesh Mesh => mesh.Mesh;
        public TimeSpan Moment => mesh.Moment;

        public void Pass(TimeSpan time) => mesh.Pass(time);

        public Task Crash() => mesh.Crash();

        public Task Restart() => mesh.Restart();

        public ValueTask DisposeAsync() => owner.TakeBack();
    }
}

/// <summary>The world of the test that has the cluster now.</summary>
internal sealed class CurrentWorld : IWorld
{
    private volatile IWorld? now;

    public IWorld Now
    {
        get => now ?? throw new InvalidOperationException("No test has the cluster.");
        set => now = value;
    }

    public Task Arrive(string place, CancellationToken ct) => Now.Arrive(place, ct);

    public Task Pass(string gate, CancellationToken ct) => Now.Pass(gate, ct);

    public Task Do(string key, string tool, string text, CancellationToken ct) => Now.Do(key, tool, text, ct);

    public Task<bool> Happened(string key, CancellationToken ct) => Now.Happened(key, ct);
}
