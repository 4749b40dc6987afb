using System.Text.RegularExpressions;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>A model among a repository's files: one file, or the parts of a split one in their order.</summary>
/// <param name="Expected">How many parts its names say there are.</param>
internal sealed record GgufModel(string First, string? Quant, IReadOnlyList<string> Files, int Expected)
{
    public bool IsComplete => Files.Count == Expected;
}

/// <summary>
/// Which file of a repository is meant. With a quantization: the one model whose name carries it. Without: the one with Q4_K_M, and where there is
/// none, the only model there is. Otherwise it is for the person to say. Projectors (<c>mmproj</c>) and importance matrices are no models.
/// </summary>
internal static partial class GgufChoice
{
    /// <summary>The models among the files, by name.</summary>
    public static IReadOnlyList<GgufModel> Models(IEnumerable<string> files) =>
    [
        .. files.Where(f => ModelName.IsGguf(f) && !IsAside(f)).Distinct(StringComparer.Ordinal).GroupBy(Whole, StringComparer.Ordinal)
            .Select(g => g.Order(StringComparer.Ordinal).ToList()).OrderBy(g => g[0], StringComparer.Ordinal)
            .Select(g => new GgufModel(g[0], Quantization.Of(g[0]), g, Parts(g[0]).Count)),
    ];

    /// <exception cref="ModelFileException">None fits, or more than one; it lists what there is.</exception>
    public static GgufModel Pick(string repo, IReadOnlyList<GgufModel> models, string? quant)
    {
        if (models.Count == 0) throw ModelFileException.Asked($"{repo} has no GGUF model: look for a repository whose name ends in -GGUF, or convert it and `agentmesh model import` it.");
        var found = models.Where(m => m.Quant == (quant ?? Quantization.Default)).ToList();
        if (found.Count == 0 && quant is null && models.Count == 1) found = [models[0]];
        return found.Count switch
        {
            1 when found[0].IsComplete => found[0],
            1 => throw ModelFileException.Asked($"{repo} has only {found[0].Files.Count} of the {found[0].Expected} parts of {found[0].First}."),
            0 => throw ModelFileException.Asked($"{repo} has no {quant ?? Quantization.Default}. There is: {List(models)}. Name one as {repo}:QUANT or {repo}/FILE."),
            _ => throw ModelFileException.Asked($"{repo} has {found.Count} files of {quant ?? Quantization.Default}: {string.Join(", ", found.Select(m => m.First))}. Name one as {repo}/FILE."),
        };
    }

    /// <summary>All parts of the split model that the file belongs to, or the file alone.</summary>
    public static IReadOnlyList<string> Parts(string file)
    {
        var match = PartName().Match(file);
        if (!match.Success || !int.TryParse(match.Groups["of"].ValueSpan, out var count) || count is < 1 or > 999) return [file];
        return [.. Enumerable.Range(1, count).Select(n => $"{match.Groups["stem"].Value}-{n:00000}-of-{count:00000}{match.Groups["end"].Value}")];
    }

    private static string Whole(string file) => Parts(file)[0];

    private static bool IsAside(string file)
    {
        var name = file[(file.LastIndexOf('/') + 1)..];
        return name.Contains("mmproj", StringComparison.OrdinalIgnoreCase) || name.Contains("imatrix", StringComparison.OrdinalIgnoreCase);
    }

    private static string List(IReadOnlyList<GgufModel> models)
    {
        var names = models.Select(m => m.Quant ?? m.First).Distinct(StringComparer.Ordinal).ToList();
        return string.Join(", ", names.Take(40)) + (names.Count > 40 ? ", …" : "");
    }

    [GeneratedRegex(@"^(?<stem>.+)-[0-9]{5}-of-(?<of>[0-9]{5})(?<end>\.gguf)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PartName();
}
