using System.Runtime.CompilerServices;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Counts what one rendering takes, and ends it at its limits.</summary>
internal sealed class Meter(TemplateLimits limits, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly TimeSpan _time = limits.Time ?? TimeSpan.FromSeconds(10);
    private long _characters;
    private int _steps;
    private int _depth;

    public TimeProvider Clock => time;

    public int Output => limits.Output;

    public void Step(int count = 1)
    {
        var before = _steps;
        if (count > limits.Steps - before) throw new EvaluationException($"it takes more than {limits.Steps:N0} steps.");
        _steps = before + count;
        if (before >> 12 != _steps >> 12) Watch();
    }

    /// <summary>Asked before a text of this length is made.</summary>
    public void Text(long length)
    {
        if (length > limits.Output) throw new EvaluationException($"it makes a text of more than {limits.Output:N0} characters.");
        var before = _characters;
        _characters += length;
        if (_characters > limits.Characters) throw new EvaluationException($"the texts it makes have more than {limits.Characters:N0} characters together.");
        if (before >> 20 != _characters >> 20) Watch();
    }

    public void Enter()
    {
        if (++_depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new EvaluationException($"it is nested more than {limits.Depth} levels deep.");
    }

    public void Leave() => _depth--;

    private void Watch()
    {
        if (time.GetElapsedTime(_start) > _time) throw new EvaluationException($"it takes more than {_time.TotalSeconds:0.###} seconds.");
    }
}
