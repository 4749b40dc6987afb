namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>
/// A chat template, parsed: Jinja as Hugging Face's transformers sets it up for them. It sees nothing but the values it is given, and takes no more than its limits.
/// Safe for use in parallel.
/// </summary>
internal sealed class JinjaTemplate
{
    /// <summary>Characters; the longest public templates have about 30,000.</summary>
    public const int LongestSource = 1_000_000;

    private readonly IReadOnlyList<Statement> _statements;

    private JinjaTemplate(IReadOnlyList<Statement> statements) => _statements = statements;

    /// <exception cref="TemplateException">It is no template, with the place where it stops being one.</exception>
    public static JinjaTemplate Parse(string source) =>
        source.Length > LongestSource ? throw new TemplateException($"it has more than {LongestSource:N0} characters.", 0, 0) : new JinjaTemplate(TemplateParser.Parse(source));

    /// <exception cref="TemplateException">It refused its values, made a mistake, or took more than its limits.</exception>
    public MarkedText Render(IEnumerable<KeyValuePair<string, object?>> values, TemplateLimits limits, TimeProvider time)
    {
        var scope = new Scope(null);
        foreach (var (name, value) in values) scope[name] = value;
        return new Evaluator(new Meter(limits, time)).Render(_statements, scope);
    }
}
