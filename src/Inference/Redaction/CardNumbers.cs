namespace AgentMesh.Inference.Redaction;

/// <summary>Finds payment card numbers: 13 to 19 digits, in groups parted by single spaces or hyphens, whose Luhn sum is right.</summary>
internal static class CardNumbers
{
    private const int Shortest = 13, Longest = 19;

    public static IEnumerable<(int Start, int Length)> Find(string text)
    {
        for (var start = 0; start < text.Length; start++)
        {
            // A number begins where a group of digits begins, so "2024 4111 1111 1111 1111" is found at its second group.
            if (!char.IsAsciiDigit(text[start]) || (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]))) continue;
            if (LongestFrom(text, start) is not { } end) continue;
            yield return (start, end - start);
            start = end - 1;
        }
    }

    /// <summary>The end of the longest number that begins at <paramref name="start"/> and ends with a group; null for none.</summary>
    private static int? LongestFrom(string text, int start)
    {
        int? end = null;
        Span<byte> digits = stackalloc byte[Longest];
        var count = 0;
        for (var at = start; at < text.Length && count < Longest; at++)
        {
            if (char.IsAsciiDigit(text[at])) digits[count++] = (byte)(text[at] - '0');
            else if (text[at] is not (' ' or '-') || !char.IsAsciiDigit(text[at - 1])) break;
            else continue;
            var groupEnds = at + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[at + 1]);
            if (groupEnds && count >= Shortest && IsLuhn(digits[..count])) end = at + 1;
        }

        return end;
    }

    private static bool IsLuhn(ReadOnlySpan<byte> digits)
    {
        // All zeros pass the sum; they fill forms and tables and are no card.
        int sum = 0, all = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            all |= digit;
            if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }

        return sum % 10 == 0 && all != 0;
    }
}
