using System.Text.RegularExpressions;

namespace AgentMesh.Inference.Redaction;

/// <summary>What counts as a secret or as personal data. The group <c>v</c>, where there is one, is the part to replace.</summary>
internal static class SensitivePatterns
{
    /// <summary>Runs in time linear in the text, whatever the text: it may come from an attacker.</summary>
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    public static readonly (string Kind, Regex Pattern)[] Secrets =
    [
        ("key", new Regex(@"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s:,.\-]*?-----END [A-Z ]{0,30}PRIVATE KEY-----", Linear)),
        ("key", new Regex(@"\b(?:(?:sk|pk|rk)[-_][A-Za-z0-9_\-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,}|hf_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9\-]{10,}|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|AIza[0-9A-Za-z_\-]{30,})", Linear)),
        ("token", new Regex(@"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}", Linear)),
        ("token", new Regex(@"(?i:\bbearer)\s+(?<v>[A-Za-z0-9._~+/\-]{16,}=*)", Linear)),
        ("token", new Regex(@"(?i:\bauthorization)""?\s*[:=]\s*""?(?i:basic|token)\s+(?<v>[A-Za-z0-9._~+/\-]{6,}=*)", Linear)),
        ("password", new Regex(@"\b[A-Za-z][A-Za-z0-9+.\-]*://[^/\s:@]*:(?<v>[^/\s@]+)@", Linear)),
        ("password", new Regex(@"(?i:\b(?:password|passwd|pwd|passphrase))""?\s*[:=]\s*(?:""(?<v>[^""\r\n]{1,200})""|'(?<v>[^'\r\n]{1,200})'|(?<v>[^\s""',;&⟦⟧]{1,200}))", Linear)),
        ("key", new Regex(@"(?i:\b[a-z_\-]{0,30}(?:api[_\-]?key|access[_\-]?key|secret|token))""?\s*[:=]\s*[""']?(?<v>[A-Za-z0-9._~+/=\-]{8,})", Linear)),
    ];

    public static readonly Regex Email = new(@"\b[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)+[A-Za-z]{2,24}\b", Linear);

    /// <summary>Text that looks like a placeholder of ours: it must not be taken for one when an answer is restored.</summary>
    public static readonly Regex Placeholder = new(@"⟦[a-z]{1,16}-[0-9]{1,9}⟧", Linear);
}
