using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace AgentMesh.Contracts;

/// <summary>
/// The trace that a goal belongs to. Its context travels in the goal's spec, and so in the journal: whoever works on the goal, on whatever host and
/// after whatever crash, continues the trace that its submit began. Costs nothing where nobody listens.
/// </summary>
public static class GoalTrace
{
    /// <summary>What the mesh calls its activity source and its meter.</summary>
    public const string Name = "AgentMesh";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>Begins the span of a submit, a child of the caller's. Dispose of it when the goal is in the journal.</summary>
    /// <param name="traced">The goal with this span as its trace's beginning; as it was where it belongs to one, or nobody traces.</param>
    public static Activity? Submit(GoalSpec spec, out GoalSpec traced)
    {
        traced = spec;
        if (spec.Trace is not null) return null;
        var span = Source.StartActivity("submit goal", ActivityKind.Producer);
        var begins = span ?? (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Recorded: true } caller ? caller : null);
        if (begins is not null) traced = spec with { Trace = begins.Id };
        return span;
    }

    /// <summary>What the goal's spans are children of. A goal that was submitted where nobody traced has a trace of its own, the same on every host.</summary>
    public static ActivityContext Context(GoalId goal, GoalSpec spec)
    {
        if (ActivityContext.TryParse(spec.Trace, null, isRemote: true, out var carried)) return carried;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(goal.Value));
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(hash.AsSpan(0, 16)), ActivitySpanId.CreateFromBytes(hash.AsSpan(16, 8)), ActivityTraceFlags.Recorded, null, isRemote: true);
    }
}
