namespace AgentMesh.Inference.ModelFiles;

/// <summary>What a person calls a model.</summary>
public abstract record ModelName
{
    private ModelName()
    {
    }

    /// <summary>A file on this machine.</summary>
    public sealed record AtPath(string Path) : ModelName
    {
        public override string ToString() => Path;
    }

    /// <summary>A file at an address, outside any hub.</summary>
    public sealed record AtUrl(Uri Url) : ModelName
    {
        public override string ToString() => Url.GetLeftPart(UriPartial.Path);
    }

    /// <summary>A file of a repository, on the hub or imported.</summary>
    /// <param name="Repo"><c>org/name</c>.</param>
    /// <param name="Quant">Picks the file by its quantization; null for the rule of <see cref="GgufChoice"/>.</param>
    /// <param name="File">The file itself, instead of <paramref name="Quant"/>.</param>
    /// <param name="Revision">Branch, tag or commit; null for <c>main</c>.</param>
    public sealed record InRepo(string Repo, string? Quant = null, string? File = null, string? Revision = null) : ModelName
    {
        public override string ToString() =>
            (Repo.StartsWith(SafeNames.Local + "/", StringComparison.Ordinal) && File is null ? Repo[(SafeNames.Local.Length + 1)..] : Repo)
            + (File is null ? "" : "/" + File) + (Quant is null ? "" : ":" + Quant) + (Revision is null ? "" : "@" + Revision);
    }

    /// <summary>
    /// <c>./file.gguf</c>, <c>/file.gguf</c> or <c>file.gguf</c>; <c>https://…/file.gguf</c>; <c>org/name[:quant][@revision]</c>;
    /// <c>org/name/file.gguf[@revision]</c>; <c>name[:quant]</c> for what was imported under that name.
    /// </summary>
    /// <exception cref="ModelFileException">It is none of these.</exception>
    public static ModelName Parse(string text)
    {
        if (text.Length == 0 || text.Any(char.IsControl)) throw Wrong(text);
        if (text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) return Address(text);
        if (text[0] is '/' or '.' or '~' || text.Contains('\\', StringComparison.Ordinal)) return new AtPath(text);
        if (!text.Contains('/', StringComparison.Ordinal) && IsGguf(text)) return new AtPath(text);

        var (rest, revision) = Split(text, '@');
        var parts = rest.Split('/', 3);
        if (parts.Length < 3)
        {
            (rest, var quant) = Split(rest, ':');
            var repo = parts.Length == 1 ? $"{SafeNames.Local}/{rest}" : rest;
            return SafeNames.IsRepo(repo) && IsSound(quant, q => q.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')) && IsSound(revision, SafeNames.IsRevision)
                ? new InRepo(repo, quant?.ToUpperInvariant(), null, revision)
                : throw Wrong(text);
        }

        var named = new InRepo($"{parts[0]}/{parts[1]}", null, parts[2], revision);
        if (!SafeNames.IsRepo(named.Repo) || !SafeNames.IsFile(parts[2]) || !IsSound(revision, SafeNames.IsRevision)) throw Wrong(text);
        return IsGguf(parts[2]) ? named : throw ModelFileException.Asked($"{Shown(text)} names no .gguf file: only GGUF files can be loaded.");
    }

    internal static bool IsGguf(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static AtUrl Address(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0) throw Wrong(text);
        if (url.UserInfo.Length > 0) throw ModelFileException.Asked("The address holds a user or password: take it out.");
        if (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback) throw ModelFileException.Asked($"{url.Host} is asked without encryption: use https.");
        if (!IsGguf(FileOf(url)) || !SafeNames.IsFile(FileOf(url))) throw ModelFileException.Asked("The address must end in a file's name, NAME.gguf.");
        return new AtUrl(url);
    }

    internal static string FileOf(Uri url) => Uri.UnescapeDataString(url.Segments[^1]);

    private static (string Before, string? After) Split(string text, char at) =>
        text.LastIndexOf(at) is >= 0 and var i ? (text[..i], text[(i + 1)..]) : (text, null);

    private static bool IsSound(string? part, Func<string, bool> rule) => part is null || (part.Length > 0 && rule(part));

    private static ModelFileException Wrong(string text) => ModelFileException.Asked(
        $"'{Shown(text)}' names no model: write org/name, org/name:Q4_K_M, org/name/file.gguf, an https address, or the path of a file.");

    private static string Shown(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c).Take(200)]);
}
