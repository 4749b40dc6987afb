using System.Text;

namespace AgentMesh.Catalog;

/// <summary>Where a user's own roles and playbooks lie. A folder that does not exist is an empty one.</summary>
public sealed record CatalogueFolders(string Roles, string Playbooks)
{
    /// <summary>No folders: the built-in catalogue only.</summary>
    public static readonly CatalogueFolders None = new("", "");

    /// <summary><c>AGENTMESH_ROLES</c> and <c>AGENTMESH_PLAYBOOKS</c>; without them <c>roles</c> and <c>playbooks</c> in the host's home.</summary>
    /// <param name="variable">A variable's value, null when it is not set.</param>
    public static CatalogueFolders FromEnvironment(Func<string, string?> variable)
    {
        var home = variable("AGENTMESH_HOME") is { Length: > 0 } set ? set : ".agentmesh";
        return new(
            variable("AGENTMESH_ROLES") is { Length: > 0 } roles ? roles : Path.Combine(home, "roles"),
            variable("AGENTMESH_PLAYBOOKS") is { Length: > 0 } playbooks ? playbooks : Path.Combine(home, "playbooks"));
    }
}

internal static class CatalogueFiles
{
    private const long MaxBytes = 1024 * 1024;

    /// <returns>Its YAML files, sorted by name.</returns>
    public static IReadOnlyList<string> In(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".yaml" or ".yml").Order(StringComparer.Ordinal)] : [];

    public static string? Read(string path, out Diagnostic? problem)
    {
        problem = null;
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes) return Refuse($"The file has {stream.Length:N0} bytes; at most {MaxBytes:N0} are read.", out problem);
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            return Refuse("The file is not UTF-8 text; save it as UTF-8.", out problem);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse("There is no such file.", out problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse($"The file cannot be read: {e.Message}", out problem);
        }

        string? Refuse(string message, out Diagnostic? to)
        {
            to = new Diagnostic(path, 1, 1, Severity.Error, message);
            return null;
        }
    }
}
