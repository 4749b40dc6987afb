using System.Reflection;

namespace AgentMesh.Catalog;

/// <summary>The files that come with the mesh.</summary>
internal static class Builtin
{
    /// <summary>What <c>list</c> commands say of the origin.</summary>
    public const string Origin = "built-in";

    private static readonly Assembly Own = typeof(Builtin).Assembly;

    public static IReadOnlyList<string> Files(string folder) =>
        [.. Own.GetManifestResourceNames().Where(n => n.StartsWith($"builtin/{folder}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public static string Text(string name)
    {
        using var stream = Own.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The file {name} is missing from this build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
