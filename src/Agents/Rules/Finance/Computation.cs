using System.Globalization;
using System.Text.Json.Nodes;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>One operand of a formula.</summary>
internal sealed record Operand(string Name, Figure? Figure);

/// <summary>Makes the entries of a <c>metrics</c> artifact. Whatever is not in a cell comes from <c>calc.evaluate</c>; nothing is computed here.</summary>
internal sealed class Computation(IAgentCalls calls, Ledger ledger)
{
    public const string Tool = "calc.evaluate";

    public List<JsonNode> Metrics { get; } = [];
    public List<string> Made { get; } = [];

    /// <summary>A figure taken over from its cell.</summary>
    public void Take(string name, string label, string unit, Period period, Figure? figure)
    {
        if (figure is not null) Metrics.Add(Entry(name, label, figure.Text, unit, period, name, [(name, figure)]));
    }

    /// <returns>The calculator's value as text; null where an operand is missing or the calculator refused (a division by zero).</returns>
    public async Task<string?> Compute(string name, string label, string unit, Period period, string formula, int decimals, IReadOnlyList<Operand> operands, CancellationToken ct)
    {
        if (operands.Any(operand => operand.Figure is null)) return null;
        var variables = new JsonObject();
        foreach (var operand in operands) variables[operand.Name] = operand.Figure!.Text;
        var arguments = new JsonObject { ["expression"] = formula, ["variables"] = variables, ["decimals"] = decimals, ["rounding"] = "half-up" };
        var answer = await calls.Call(Tool, arguments.Element(), ct);
        Made.Add(answer.Call.Value);
        if (answer.Value is not { } result || result.Text("value") is not { } value)
        {
            ledger.Warn($"{label} of {period} was not computed: {answer.Error ?? "the calculator gave no value"}");
            return null;
        }
        Metrics.Add(Entry(name, label, value, unit, period, formula, [.. operands.Select(operand => (operand.Name, operand.Figure!))]));
        return value;
    }

    /// <summary>For putting things in order and for signs only; what is written down is the text.</summary>
    public static decimal Rank(string? value) => decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static JsonObject Entry(string name, string label, string value, string unit, Period period, string formula, IReadOnlyList<(string Name, Figure Figure)> inputs) => new()
    {
        ["name"] = name,
        ["label"] = label,
        ["value"] = value,
        ["unit"] = unit,
        ["period"] = period.ToString(),
        ["formula"] = formula,
        ["inputs"] = Json.List(inputs.Select(input => (JsonNode)new JsonObject { ["name"] = input.Name, ["value"] = input.Figure.Text, ["source"] = input.Figure.Source })),
    };
}
