using System.Text.RegularExpressions;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>How a file's weights are stored, as the names of GGUF files say it (<c>Q4_K_M</c>, <c>IQ2_XXS</c>, <c>UD-Q4_K_XL</c>, <c>BF16</c>).</summary>
internal static partial class Quantization
{
    public const string Default = "Q4_K_M";

    /// <returns>The last tag in the file's name, else in its folders'; in capitals. Null when the path has none.</returns>
    public static string? Of(string path)
    {
        var slash = path.LastIndexOf('/') + 1;
        return Last(path[slash..]) ?? Last(path[..slash]);
    }

    public static bool IsTag(string text) => Tag().Match(text) is { Success: true } match && match.Length == text.Length;

    private static string? Last(string text) => Tag().Matches(text) is { Count: > 0 } found ? found[^1].Value.ToUpperInvariant() : null;

    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:UD-)?(?:IQ[1-4]_(?:XXS|XS|S|M|NL)|Q[2-8]_(?:K(?:_(?:XXS|XS|S|M|L|XL))?|[01](?:_[0-9]+)*)|TQ[12]_0|MXFP4(?:_MOE)?|BF16|FP?16|FP?32)(?![A-Za-z0-9_])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();
}
