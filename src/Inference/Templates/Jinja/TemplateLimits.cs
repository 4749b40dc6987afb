namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>What one rendering may take. A template comes with a model file, from anywhere; the defaults are far above what an honest one needs.</summary>
/// <param name="Output">Characters of the longest text, the output among them.</param>
/// <param name="Steps">Expressions, statements and list items.</param>
/// <param name="Characters">Characters of all texts made on the way, together.</param>
/// <param name="Depth">Expressions, blocks and macros inside each other.</param>
/// <param name="Time">Null: 10 seconds.</param>
public sealed record TemplateLimits(int Output = 16_000_000, int Steps = 20_000_000, long Characters = 128_000_000, int Depth = 400, TimeSpan? Time = null)
{
    public static TemplateLimits Default { get; } = new();
}
