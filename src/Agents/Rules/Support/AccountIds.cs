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
        if (found.Count > 0) return found;
        foreach (Match match in Loose().Matches(text))
        {
            var group = match.Groups["digits"];
            if (!skip.Any(span => group.Index >= span.Start && group.Index < span.End))
                found.Add(new AccountMention(Normal(group.Value), group.Index, group.Index + group.Length, Bias(text, group.Index, group.Index + group.Length)));
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
        // Another id ends it too: "from AC-1… to AC-2…" says of each its own thing.
        var matches = ClauseEnd().Matches(text);
        if (matches.Count == 0) return text;
        if (last) return text[(matches[^1].Index + matches[^1].Length)..];
        var clause = text[..matches[0].Index];
        // ", not AC-2…" speaks of the id that follows, not of the one before.
        return char.IsAsciiDigit(matches[0].Value[^1]) ? clause[..Math.Max(0, clause.LastIndexOf(','))] : clause;
    }

    [GeneratedRegex(@"[.!?;\n]|(A[/.]?C{1,2}[^\p{L}\p{N}]{0,3})?\d{4,}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ClauseEnd();

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"(?<![\p{L}\p{N}])(?<id>[AА][/. -]?[CС]{1,2}([oun]{0,3}t)?(\s*(no|nr|num|number|id)\b)?[^\p{L}\p{N}]{0,3}(?<digits>[0-9oOlI]([\s.,/\p{Cf}‐-―-]{0,2}[0-9oOlI]){4}))(?![\p{L}\p{N}]|[.,-]\d)", Options, 1000)]
    private static partial Regex Prefixed();

    [GeneratedRegex(@"(?<![\p{L}\p{N}])((accounts?|acct|acc|a/c|customer|client|konto|workspace|kundennummer|kontonummer|kundennr)(?![\p{L}\p{N}])|account(?=id\b))[._ \t-]*((id|ids|no|nr|num|number|ref|reference|code)\b\.?)?[^\p{L}\p{N}]{0,6}(is|:|=|here is|should be|still)?[^\p{L}\p{N}]{0,6}(?<id>(?<digits>\d([ ]?\d){4}))(?![\p{L}\p{N}]|[.,-]\d)", Options, 1000)]
    private static partial Regex Worded();

    /// <summary>Five digits in a sentence that speaks of an account, where nothing clearer is written.</summary>
    [GeneratedRegex(@"\b(accounts?|acct|(customer|client|our|my) (number|no|nr|ref|reference|id)|cust|id)\b[^\d\n.!?€$£]{0,45}?[^\d\n.,!?€$£](?<digits>\d{5})(?![\p{L}\p{N}]|[.,-]\d|\s*(eur|usd|gbp|€|\$|£|euros?|dollars|rows|records|lines|users|files|events|requests|minutes|%))|(?<![\p{L}\p{N}.,-])#?(?<digits>\d{5})\s*(is|=)\s*(my|our|the)\s+(account|id|customer)", Options, 1000)]
    private static partial Regex Loose();

    [GeneratedRegex(@"\b(not|isn['’]t|never|for example|e\.g|such as|format|someone else['’]s|somebody else['’]s|another customer['’]s|instead of|rather than|no longer|wrong|unlike|by mistake|mistyped|typo|nothing to do with)\b[^,]*$", Options, 1000)]
    private static partial Regex Not();

    [GeneratedRegex(@"^[\s,(—–-]*(which|that|this)?\s*(is|was|are)?\s*(not\b|isn['’]t|wasn['’]t|wrong|no longer|belongs to (someone|somebody|another))", Options, 1000)]
    private static partial Regex NotBehind();

    [GeneratedRegex(@"\b(old|former|previous|formerly|previously|closed|other|another|test|demo|their|his|her|used to be|colleague's|customer's|client's|was|from)\b[^,]*$", Options, 1000)]
    private static partial Regex Other();

    [GeneratedRegex(@"^[\s,(—–-]*(was|is|used to be|which was)?\s*(our|the|my|an?)?\s*(old|former|previous|closed|test|demo|theirs)\b", Options, 1000)]
    private static partial Regex OtherBehind();

    [GeneratedRegex(@"\b(my|our|ours|mine|right|correct|correction|should be|meant|moved to|merged into|please use|new|current|this is about|it is about|concerns|regarding|account with you|now)\b[^,]*$", Options, 1000)]
    private static partial Regex Mine();

    [GeneratedRegex(@"^[\s,(—–-]*(is|are)?\s*(the (right|correct|new|current) one|ours|mine|our (new|current)|correct|right|my account|our account)", Options, 1000)]
    private static partial Regex MineBehind();
}
