namespace AgentMesh.Catalog.Yaml;

/// <summary>Collects what is to be said about one file.</summary>
internal sealed class DiagnosticBag(string file)
{
    /// <summary>Enough for a person to start with.</summary>
    private const int Max = 100;

    private readonly List<Diagnostic> _found = [];

    public string File => file;
    public bool HasErrors => _found.Exists(d => d.Severity == Severity.Error);

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Diagnostic> Found => [.. _found.Distinct().OrderBy(d => d.Line).ThenBy(d => d.Column)];

    public void Error(YamlNode at, string message) => Error(at.Line, at.Column, message);

    public void Error(int line, int column, string message) => Add(line, column, Severity.Error, message);

    public void Warning(YamlNode at, string message) => Add(at.Line, at.Column, Severity.Warning, message);

    private void Add(int line, int column, Severity severity, string message)
    {
        if (_found.Count < Max) _found.Add(new(file, line, column, severity, message));
    }
}
