using System.Text.RegularExpressions;
using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>An account id as somebody wrote it.</summary>
/// <param name="Id">In the form <c>AC-12345</c>.</param>
/// <param name="Bias">Above 0: the words around it say that it is the one; below 0: that it is not.</param>
internal readonly record struct AccountMention(string Id, int Start, int End, int Bias);

/// <summary>Finds account ids in the spellings that people use, and decides which one is meant.</summary>
internal static partial class AccountIds
{
    /// <summary>Characters looked at before and behind a mention.</summary>
    private const int Before = 42;
    private const int Behind = 42;

    public static IReadOnlyList<AccountMention> In(string text, IEnumerable<Span> leftOut)
    {
        var skip = leftOut.ToList();
        var found = new List<AccountMention>();
        foreach (var match in Prefixed().Matches(text).Concat(Worded().Matches(text)).OrderBy(match => match.Index))
        {
            var group = match.Groups["id"];
            if (skip.Any(span => group.Index >= span.Start && group.Index < span.End)) continue;
            if (found.Any(other => group.Index < other.End && group.Index + group.Length > other.Start)) continue;
            found.Add(new AccountMention(Normal(match.Groups["digits"].Value), group.Index, group.Index + group.Length, Bias(text, group.Index, group.Index + group.Length)));
        }
        return found;
    }

    /// <returns>The id that is meant; null when there is none, or several and nothing tells which.</returns>
    public static AccountMention? Choose(IReadOnlyList<AccountMention> mentions)
    {
        var byId = mentions.GroupBy(mention => mention.Id, StringComparer.Ordinal)
            .Select(group => (Mention: group.MaxBy(mention => mention.Bias), Bias: group.Sum(mention => mention.Bias)))
            .Where(each => each.Bias >= 0).OrderByDescending(each => each.Bias).ToList();
        if (byId.Count == 0) return mentions.Select(mention => mention.Id).Distinct(StringComparer.Ordinal).Count() == 1 && mentions.Sum(mention => mention.Bias) > -2 ? mentions[0] : null;
        return byId.Count == 1 || byId[0].Bias > byId[1].Bias ? byId[0].Mention : null;
    }

    /// <summary>O for 0 and l for 1 happen where people type an id from a screen.</summary>
    private static string Normal(string written) =>
        "AC-" + string.Concat(written.Select(c => c is 'o' or 'O' ? '0' : c is 'l' or 'I' ? '1' : c).Where(char.IsAsciiDigit));

    private static int Bias(string text, int start, int end)
    {
        var before = Clause(text[Math.Max(0, start - Before)..start], last: true);
        var behind = Clause(text[end..Math.Min(text.Length, end + Behind)], last: false);
        var bias = 0;
        if (Not().IsMatch(before) || NotBehind().IsMatch(behind)) bias -= 2;
        if (Other().IsMatch(before) || OtherBehind().IsMatch(behind)) bias -= 1;
        if (Mine().IsMatch(before) || MineBehind().IsMatch(behind)) bias += 1;
        return bias;
    }

    /// <summary>What belongs to the mention: up to the end of its sentence.</summary>
    private static string Clause(string text, bool last)
    {
        var at = last ? text.LastIndexOfAny(['.', '!', '?', ';', '\n']) : text.IndexOfAny(['.', '!', '?', ';', '\n']);
        return at < 0 ? text : last ? text[(at + 1)..] : text[..at];
    }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"(?<![\p{L}\p{N}])(?<id>A[/.]?C{1,2}(ount)?[\s_#:.‐-―−-]{0,3}(?<digits>[0-9oOlI]([\s.-]?[0-9oOlI]){4}))(?![\p{L}\p{N}]|[.,-]\d)", Options, 1000)]
    private static partial Regex Prefixed();

    [GeneratedRegex(@"(?<![\p{L}\p{N}])(accounts?|acct|acc|a/c|customer|client|konto|workspace)\b\.?[ \t]*((id|ids|no|nr|num|number|ref|reference|code)\b\.?)?[^\p{L}\p{N}\n]{0,4}(is|:|=|here is|should be|still)?[^\p{L}\p{N}\n]{0,4}(?<id>(?<digits>\d([ ]?\d){4}))(?![\p{L}\p{N}]|[.,-]\d)", Options, 1000)]
    private static partial Regex Worded();

    [GeneratedRegex(@"\b(not|isn't|never|instead of|rather than|no longer|wrong|unlike|nothing to do with)\b[^,]*$", Options, 1000)]
    private static partial Regex Not();

    [GeneratedRegex(@"^[\s,(—–-]*(is|was)?\s*(not (the|our|my|this|ours|mine)|is wrong|belongs to (someone|another|our)|no longer|isn't)", Options, 1000)]
    private static partial Regex NotBehind();

    [GeneratedRegex(@"\b(old|former|previous|formerly|previously|closed|other|another|test|demo|their|his|her|used to be|for example|e\.g|like|colleague's|customer's|client's|was|from)\b[^,]*$", Options, 1000)]
    private static partial Regex Other();

    [GeneratedRegex(@"^[\s,(—–-]*(was|is|used to be|which was)?\s*(our|the|my|an?)?\s*(old|former|previous|closed|test|demo|theirs)\b", Options, 1000)]
    private static partial Regex OtherBehind();

    [GeneratedRegex(@"\b(my|our|ours|mine|right|correct|new|current|this is about|it is about|concerns|regarding|account with you|now)\b[^,]*$", Options, 1000)]
    private static partial Regex Mine();

    [GeneratedRegex(@"^[\s,(—–-]*(is|are)?\s*(the (right|correct|new|current) one|ours|mine|our (new|current)|correct|right|my account|our account)", Options, 1000)]
    private static partial Regex MineBehind();
}
