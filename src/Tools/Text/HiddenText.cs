using System.Globalization;
using AngleSharp.Dom;

namespace AgentMesh.Tools.Text;

/// <summary>Tells what a page holds but its reader does not see. People who write to machines hide it in every one of these ways.</summary>
internal static class HiddenText
{
    /// <summary>Pixels or points; letters this small are lines of dots.</summary>
    private const double Unreadable = 2;

    private static readonly string[] White = ["white", "#fff", "#ffff", "#ffffff", "#ffffffff", "rgb(255,255,255)", "transparent"];

    public static bool IsHidden(IElement element)
    {
        if (element.LocalName is "script" or "style" or "noscript" or "template" or "head" or "iframe" or "object" or "svg" or "select") return true;
        if (element.HasAttribute("hidden") || string.Equals(element.GetAttribute("aria-hidden"), "true", StringComparison.OrdinalIgnoreCase)) return true;
        if (White.Contains(Compact(element.GetAttribute("color") ?? ""), StringComparer.Ordinal) && !OnColour(element)) return true;
        return Declarations(element).Any(d => d switch
        {
            ("display", "none") or ("visibility", "hidden" or "collapse") or ("mso-hide", "all") => true,
            ("opacity" or "max-height" or "max-width", var value) => Number(value) == 0,
            ("font-size", var value) => Number(value) is { } size && (size == 0 || size <= Unreadable && (value.EndsWith("px", StringComparison.Ordinal) || value.EndsWith("pt", StringComparison.Ordinal))),
            ("color", var value) => White.Contains(value, StringComparer.Ordinal) && !OnColour(element),
            _ => false,
        });
    }

    /// <summary>White letters are read where something behind them has a colour, as on the buttons of newsletters.</summary>
    private static bool OnColour(IElement element)
    {
        for (var at = element; at is not null; at = at.ParentElement)
        {
            var colour = Declarations(at).Where(d => d.Name is "background" or "background-color" or "background-image").Select(d => d.Value).Append(Compact(at.GetAttribute("bgcolor") ?? ""))
                .FirstOrDefault(value => value.Length > 0);
            if (colour is not null) return !White.Contains(colour, StringComparer.Ordinal) && colour != "none";
        }

        return false;
    }

    private static IEnumerable<(string Name, string Value)> Declarations(IElement element) =>
        (element.GetAttribute("style") ?? "").Split(';').Select(each => each.Split(':', 2)).Where(each => each.Length == 2)
            .Select(each => (Compact(each[0]), Compact(each[1]).Replace("!important", "", StringComparison.Ordinal)));

    private static string Compact(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToLowerInvariant();

    private static double? Number(string value) =>
        double.TryParse(string.Concat(value.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
