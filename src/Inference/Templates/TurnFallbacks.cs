using AgentMesh.Inference.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates;

/// <summary>Says what a template has no words for in words that it has.</summary>
/// <remarks>
/// Without a system role, system text goes in front of the first user message. Without tools, they are described in the system text, and calls and results
/// are written into the messages as <c>&lt;tool_call&gt;</c> and <c>&lt;tool_response&gt;</c>; the answer is parsed for the same.
/// Several calls in one message, where the template takes one, become one message each.
/// </remarks>
internal static class TurnFallbacks
{
    private static readonly JsonText.Style Line = new(Ascii: false, Indent: null, SortKeys: false, ", ", ": ");

    public static IReadOnlyList<Turn> Fit(IReadOnlyList<Turn> turns, IReadOnlyList<AIFunctionDeclaration> tools, TemplateTraits traits, Meter meter)
    {
        var fitted = SystemFirst(turns, meter);
        if (!traits.Tools)
        {
            if (tools.Count > 0) fitted = Described(fitted, tools, meter);
            fitted = Spoken(fitted, meter);
        }
        else if (!traits.ParallelCalls) fitted = OneByOne(fitted);

        if (!traits.LateSystem) fitted = [.. fitted.Select((t, i) => t.Role == "system" && i > 0 ? t with { Role = "user" } : t)];
        if (!traits.System && fitted is [{ Role: "system" } system, ..]) fitted = InFront(system.Text, fitted[1..], meter);
        return traits.RepeatedUsers ? fitted : Merged(fitted, meter);
    }

    /// <summary>The system messages at the start, as one.</summary>
    private static List<Turn> SystemFirst(IReadOnlyList<Turn> turns, Meter meter)
    {
        var leading = turns.TakeWhile(t => t.Role == "system").ToList();
        return leading.Count < 2 ? [.. turns] : [new Turn("system", Joined(leading.Select(t => t.Text), meter)), .. turns.Skip(leading.Count)];
    }

    private static List<Turn> Described(List<Turn> turns, IReadOnlyList<AIFunctionDeclaration> tools, Meter meter)
    {
        var text = new MarkedBuilder(meter);
        var system = turns is [{ Role: "system" } first, ..] ? first : null;
        if (system is { Text.Length: > 0 }) text.Add(system.Text).Add("\n\n");
        text.Add("You can call tools. To call one, write exactly this, and wait for its result:\n<tool_call>\n{\"name\": \"the tool's name\", \"arguments\": {its arguments as JSON}}\n</tool_call>\n"
            + "Results come back inside of <tool_response></tool_response>. The tools, with the JSON Schema of their parameters:");
        foreach (var tool in tools) text.Add("\n").Add(JsonText.Write(TurnValues.Tool(tool), Line, meter));
        return [new Turn("system", text.Build()), .. system is null ? turns : turns.Skip(1)];
    }

    private static List<Turn> Spoken(List<Turn> turns, Meter meter)
    {
        List<Turn> spoken = [];
        foreach (var turn in turns)
        {
            if (turn.Calls is { } calls)
            {
                var text = new MarkedBuilder(meter).Add(turn.Text);
                foreach (var call in calls)
                {
                    if (text.Length > 0) text.Add("\n");
                    var name = JsonText.Write(call.Name, Line, meter);
                    text.Add("<tool_call>\n{\"name\": ").Add(name).Add(", \"arguments\": ").Add(call.Arguments).Add("}\n</tool_call>");
                }

                spoken.Add(turn with { Text = text.Build(), Calls = null });
            }
            else if (turn.Role != "tool") spoken.Add(turn);
            else
            {
                var text = new MarkedBuilder(meter).Add("<tool_response>\n").Add(turn.Text).Add("\n</tool_response>").Build();
                if (spoken is [.., { Role: "user", CallId: not null } before])
                    spoken[^1] = before with { Text = new MarkedBuilder(meter).Add(before.Text).Add("\n").Add(text).Build() };
                else spoken.Add(new Turn("user", text, CallId: turn.CallId));
            }
        }

        return [.. spoken.Select(t => t with { CallId = null, Name = null })];
    }

    private static List<Turn> OneByOne(List<Turn> turns)
    {
        List<Turn> single = [];
        for (var i = 0; i < turns.Count; i++)
        {
            if (turns[i].Calls is not { Count: > 1 } calls)
            {
                single.Add(turns[i]);
                continue;
            }

            var results = turns.Skip(i + 1).TakeWhile(t => t.Role == "tool").ToList();
            foreach (var call in calls)
            {
                single.Add(turns[i] with { Calls = [call], Text = call == calls[0] ? turns[i].Text : MarkedText.Empty, Reasoning = call == calls[0] ? turns[i].Reasoning : null });
                single.AddRange(results.Where(r => r.CallId!.Equals(call.Id)));
            }

            single.AddRange(results.Where(r => !calls.Any(c => r.CallId!.Equals(c.Id))));
            i += results.Count;
        }

        return single;
    }

    private static List<Turn> InFront(MarkedText system, List<Turn> turns, Meter meter)
    {
        var at = turns.FindIndex(t => t.Role == "user");
        if (at < 0) return [new Turn("user", system), .. turns];
        turns[at] = turns[at] with { Text = Joined([system, turns[at].Text], meter) };
        return turns;
    }

    private static List<Turn> Merged(List<Turn> turns, Meter meter)
    {
        List<Turn> merged = [];
        foreach (var turn in turns)
        {
            if (turn.Role == "user" && merged is [.., { Role: "user" } before]) merged[^1] = before with { Text = Joined([before.Text, turn.Text], meter) };
            else merged.Add(turn);
        }

        return merged;
    }

    private static MarkedText Joined(IEnumerable<MarkedText> parts, Meter meter) => TextEdits.Join(MarkedText.Own("\n\n"), parts, meter);
}
