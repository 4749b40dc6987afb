namespace AgentMesh.Catalog.Yaml;

/// <summary>YAML with places: what a file says and where it says it. Lines and columns are 1-based.</summary>
internal abstract record YamlNode(int Line, int Column)
{
    /// <summary>What a person would call it.</summary>
    public abstract string Describe();
}

/// <param name="Plain">Written without quotes, so that <c>5</c> is a number and <c>true</c> a truth value.</param>
internal sealed record YamlScalar(string Text, bool Plain, int Line, int Column) : YamlNode(Line, Column)
{
    public bool IsNull => Plain && Text is "" or "~" or "null";
    public bool IsTruth => Plain && Text is "true" or "false";
    public bool IsNumber => Plain && YamlNumbers.IsNumber(Text);
    public bool IsText => !IsNull && !IsTruth && !IsNumber;

    public override string Describe() => IsNull ? "nothing" : IsTruth ? $"the truth value {Text}" : IsNumber ? $"the number {Text}" : $"the text '{Text}'";
}

internal sealed record YamlList(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column)
{
    public override string Describe() => "a list";
}

internal sealed record YamlMap(IReadOnlyList<(YamlScalar Key, YamlNode Value)> Entries, int Line, int Column) : YamlNode(Line, Column)
{
    public YamlNode? this[string key]
    {
        get
        {
            foreach (var (name, value) in Entries)
                if (name.Text == key) return value;
            return null;
        }
    }

    public override string Describe() => "a mapping";
}

internal static class YamlNumbers
{
    /// <summary>A number as JSON writes it, perhaps with a plus sign before it.</summary>
    public static bool IsNumber(string text)
    {
        var at = 0;
        if (at < text.Length && text[at] is '-' or '+') at++;
        var digits = Digits();
        if (digits == 0) return false;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (Digits() == 0) return false;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '-' or '+') at++;
            if (Digits() == 0) return false;
        }

        return at == text.Length;

        int Digits()
        {
            var from = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return at - from;
        }
    }
}
