namespace AgentMesh.Catalog;

public enum Severity
{
    Warning,
    Error,
}

/// <summary>Something about a file that a person should know.</summary>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based.</param>
/// <param name="Message">What is wrong and what would be right, one sentence.</param>
public sealed record Diagnostic(string File, int Line, int Column, Severity Severity, string Message)
{
    /// <summary>The form that editors make a link of: <c>file:line:column: error: message</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Severity == Severity.Error ? "error" : "warning")}: {Message}";
}

/// <summary>A catalogue file cannot be used.</summary>
public sealed class CatalogueException(IReadOnlyList<Diagnostic> diagnostics) : Exception(string.Join(Environment.NewLine, diagnostics))
{
    public IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}
