using System.Globalization;

namespace AgentMesh.InferenceBench;

/// <summary>One line for each figure: what was measured, the ratio, and its aim.</summary>
internal static class Report
{
    /// <param name="atLeast">False: the ratio is to be at most the aim.</param>
    public static void Ratio(string what, double ours, double other, double aim, bool atLeast = true) =>
        Line(what, string.Create(CultureInfo.InvariantCulture, $"{ours:0.0} / {other:0.0}"), string.Create(CultureInfo.InvariantCulture, $"{ours / other:0.000} x"), aim.ToString(CultureInfo.InvariantCulture), atLeast ? ours / other >= aim : ours / other <= aim, atLeast);

    public static void Share(string what, double share, double aim) =>
        Line(what, "", string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %"), string.Create(CultureInfo.InvariantCulture, $"{100 * aim:0} %"), share >= aim, atLeast: true);

    public static void AtMost(string what, double value, string unit, double aim) =>
        Line(what, "", string.Create(CultureInfo.InvariantCulture, $"{value:0} {unit}"), aim.ToString(CultureInfo.InvariantCulture), value <= aim, atLeast: false);

    private static void Line(string what, string values, string figure, string aim, bool met, bool atLeast) =>
        Console.WriteLine($"{what,-58} {values,18} {figure,10}   aim {(atLeast ? "≥" : "≤")} {aim}{(met ? "" : "   MISSED")}");
}
