using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog;

/// <summary>Reads playbooks from YAML files and says, with line and reason, what is wrong with them.</summary>
public static class PlaybookLoader
{
    /// <summary>The JSON Schema of playbook files, for editors.</summary>
    public static string Schema => Builtin.Text("schemas/playbook.schema.json");

    /// <summary>Everything that can be said about the file without running it.</summary>
    /// <param name="path">A file, or a folder whose <c>.yaml</c> and <c>.yml</c> files are all checked.</param>
    /// <returns>In the order of files and lines; empty when all is well.</returns>
    public static IReadOnlyList<Diagnostic> Validate(string path, MeshCatalogue catalogue)
    {
        if (!Directory.Exists(path)) return ValidateFile(path, catalogue);
        var files = CatalogueFiles.In(path);
        return files.Count > 0 ? [.. files.SelectMany(f => ValidateFile(f, catalogue))]
            : [new Diagnostic(path, 1, 1, Severity.Error, "The folder holds no .yaml or .yml file.")];
    }

    /// <summary>The same for a text that is not in a file.</summary>
    public static IReadOnlyList<Diagnostic> ValidateText(string text, string file, MeshCatalogue catalogue)
    {
        var bag = new DiagnosticBag(file);
        Load(text, bag, catalogue, lenient: false);
        return bag.Found;
    }

    private static IReadOnlyList<Diagnostic> ValidateFile(string path, MeshCatalogue catalogue) =>
        CatalogueFiles.Read(path, out var problem) is { } text ? ValidateText(text, path, catalogue) : [problem!];

    /// <returns>Null when the file has errors; the bag says which.</returns>
    internal static Playbook? Load(string text, DiagnosticBag bag, MeshCatalogue catalogue, bool lenient)
    {
        if (PlaybookReader.Read(text, bag) is not { } file || bag.HasErrors) return null;
        var playbook = PlaybookCheck.Check(file, catalogue, lenient);
        return bag.HasErrors ? null : playbook;
    }
}
