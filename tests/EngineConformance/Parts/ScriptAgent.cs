using System.Globalization;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>
/// Does what its step's instruction says, act by act, separated by <c>;</c>:
/// <c>say WORDS</c>, <c>big CHARACTERS</c>, <c>join</c> (the inputs' texts), <c>label NAME</c>, <c>arrive PLACE</c>, <c>hold GATE</c>,
/// <c>use TOOL TEXT [BEFORE [AFTER]]</c> (gates, <c>-</c> for none), <c>must …</c> (the same, but a refusal is a failure), <c>calls COUNT</c>,
/// <c>fail ATTEMPTS KIND</c> (its first attempts fail), <c>hang ATTEMPTS</c>, <c>break</c>, <c>ask WORD [CHOICE …]</c>,
/// <c>spawn COUNT ACTS</c> (the helpers' acts are separated by <c>|</c>, their helpers' by <c>^</c>).
/// </summary>
public sealed class ScriptAgent(IWorld world) : IAgent
{
    private const StringSplitOptions Clean = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var said = new List<string>();
        var label = "none";
        var questions = 0;
        foreach (var act in work.Step.Instruction.Split(';', Clean))
        {
            var words = act.Split(' ', Clean);
            switch (words[0])
            {
                case "say": said.Add(string.Join(' ', words.Skip(1))); break;
                case "big": said.Add(new string('x', Number(words[1]))); break;
                case "join": said.Add($"({string.Join(", ", work.Inputs.Select(Text))})"); break;
                case "label": label = words[1]; break;
                case "arrive": await world.Arrive($"{work.Goal}/{words[1]}", ct); break;
                case "hold": await world.Pass($"{work.Goal}/{words[1]}", ct); break;
                case "use" or "must": said.Add(await Use(words, calls, ct)); break;
                case "calls":
                    for (var i = 1; i <= Number(words[1]); i++) (await calls.Call(ScriptTool.Look, Arguments($"{work.Step.Id} {i}"), ct)).Require();
                    break;
                case "fail" when work.Attempt <= Number(words[1]):
                    return new StepOutcome.Failed(Enum.Parse<FailureKind>(words[2]), $"Attempt {work.Attempt} is to fail.");
                case "hang" when work.Attempt <= Number(words[1]):
                    await world.Arrive($"{work.Goal}/{work.Step.Id}-hangs", ct);
                    await Task.Delay(Timeout.Infinite, ct);
                    break;
                case "break": throw new InvalidOperationException("The agent has a bug.");
                case "ask":
                    if (work.Answers.Count <= questions) return new StepOutcome.Ask(words[1], words[2..]);
                    said.Add($"{words[1]}: {work.Answers[questions++].Answer}");
                    break;
                case "spawn" when work.Children.Count == 0: return Spawn(work, Number(words[1]), act[(act.IndexOf(words[1], StringComparison.Ordinal) + words[1].Length)..]);
                case "spawn": said.Add($"[{string.Join(", ", work.Children.OrderBy(c => c.Id.Value, StringComparer.Ordinal).Select(Text))}]"); break;
                case "fail" or "hang": break;
                default: throw new AgentFailedException(FailureKind.Permanent, $"The script says '{act}', which is no act.");
            }
        }

        var value = MeshJson.Parse($$"""{"label":"{{label}}","text":"{{JsonEncodedText.Encode(string.Join(' ', said))}}"}""");
        return new StepOutcome.Completed(value, 1, "rules", Rationale.Because("The script is done."));
    }

    private static async Task<string> Use(string[] words, IAgentCalls calls, CancellationToken ct)
    {
        var answer = await calls.Call(words[1], Arguments(words[2], words.ElementAtOrDefault(3), words.ElementAtOrDefault(4)), ct);
        if (words[0] == "must") answer.Require();
        return answer.Value is { } value && value.TryGetProperty("text", out var text) ? $"{words[1]} {text.GetString()}"
            : answer.Value is { } other ? $"{words[1]} {other.GetRawText()}" : $"{words[1]} not: {answer.Error}";
    }

    private static StepOutcome.Spawn Spawn(StepWork work, int count, string acts) => new(
        [
            .. Enumerable.Range(1, count).Select(i => Script.Step($"{work.Step.Id}-h{i}", acts.Replace('|', ';').Replace('^', '|').Trim()) with { Role = work.Role.Name }),
        ],
        Rationale.Because("Many hands."));

    private static JsonElement Arguments(string text, string? before = null, string? after = null)
    {
        var json = $"\"text\":\"{JsonEncodedText.Encode(text)}\"";
        if (after is not null and not "-") json = $"\"after\":\"{after}\",{json}";
        if (before is not null and not "-") json = $"{json},\"before\":\"{before}\"";
        return MeshJson.Parse($"{{{json}}}");
    }

    private static string Text(Artifact artifact) => artifact.Value is { } value && value.TryGetProperty("text", out var text) ? text.GetString()! : artifact.Id.Value;

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
