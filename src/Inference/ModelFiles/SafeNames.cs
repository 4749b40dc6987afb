using System.Text;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>What may become a path in the cache. Names come from servers and people; nothing else makes paths of them.</summary>
internal static class SafeNames
{
    /// <summary>The name of a local import's organisation.</summary>
    public const string Local = "local";

    /// <summary><c>org/name</c> as Hugging Face has it: then <c>models--org--name</c> is no other repository's folder.</summary>
    public static bool IsRepo(string repo) => repo.Split('/') is [var org, var name] && IsRepoPart(org) && IsRepoPart(name) && !name.EndsWith(".git", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file's path within a repository, with forward slashes, that stays within it.</summary>
    public static bool IsFile(string path) => path.Length is > 0 and < 1024 && path.Split('/').All(IsSegment);

    /// <summary>A branch, a tag, or <c>refs/pr/1</c>.</summary>
    public static bool IsRevision(string revision) => IsFile(revision);

    public static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>A part of a repository's name out of anything: other characters become dashes, and never two in a row.</summary>
    public static string RepoPart(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text)
        {
            var kept = char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-';
            if (kept is '-' or '.' && (name.Length == 0 || name[^1] is '-' or '.')) continue;
            if (name.Length < 96) name.Append(kept);
        }

        var part = name.ToString().TrimEnd('-', '.');
        return part.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? part[..^4] : part;
    }

    private static bool IsRepoPart(string part) =>
        part.Length is > 0 and <= 96 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.')
        && !part.Contains("--", StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal);

    private static bool IsSegment(string name) =>
        name is not ("" or "." or "..") && Encoding.UTF8.GetByteCount(name) <= 255 && !name.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\\' or ':' or '\u2028' or '\u2029' or '\uFFFD');
}
