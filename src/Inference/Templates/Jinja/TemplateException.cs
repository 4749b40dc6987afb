namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>A chat template is wrong, refused what it was given, or went over its limits. The message says which, and where.</summary>
/// <param name="line">1 is the first; 0: no place in the template.</param>
/// <param name="column">In characters; 1 is the first.</param>
public sealed class TemplateException(string problem, int line, int column, bool refused = false)
    : Exception(line > 0 ? $"Chat template, line {line}, column {column}: {problem}" : $"Chat template: {problem}")
{
    /// <summary>Without the place.</summary>
    public string Problem { get; } = problem;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The template itself called <c>raise_exception</c>: it does not take these messages.</summary>
    public bool Refused { get; } = refused;
}

/// <summary>What went wrong, before anyone knew where; the evaluator adds the place.</summary>
internal sealed class EvaluationException(string problem, bool refused = false) : Exception(problem)
{
    public bool Refused { get; } = refused;
}
