using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>What an engine is started with. Plain data, so that it can be told to another process.</summary>
/// <param name="World">The address that <see cref="ConformanceParts"/> is made from; of this process. An engine in other processes puts a <see cref="WorldServer"/> in between.</param>
/// <param name="MayHoldTime">The test passes time by <see cref="IMeshUnderTest.Pass"/>, so the engine's clock may stand still between.</param>
/// <param name="MaxRunning">Steps that may run at once, where the engine has such a limit; null for its default. Changes the schedule and nothing else.</param>
public sealed record MeshSetup(string World, bool MayHoldTime = false, int? MaxRunning = null);

/// <summary>An engine under test. Its journal outlives its crashes.</summary>
public interface IMeshUnderTest : IAsyncDisposable
{
    /// <summary>The mesh of the present life; another object after <see cref="Restart"/>.</summary>
    IMesh Mesh { get; }

    /// <summary>A while in which everything that does not wait is sure to be done: long where time is real.</summary>
    TimeSpan Moment { get; }

    /// <summary>Lets time pass: moves a clock that stands still. Where time is real it passes by itself, and this returns at once.</summary>
    void Pass(TimeSpan time);

    /// <summary>Stops it without grace. Nothing of this life may write or act after this returns.</summary>
    Task Crash();

    /// <summary>Starts it again on the same journal, which takes up every goal that has not ended.</summary>
    Task Restart();
}

/// <summary>An engine under test that operators can look at from here.</summary>
public interface IOperatedMesh : IMeshUnderTest
{
    IOperations Operations { get; }
}
