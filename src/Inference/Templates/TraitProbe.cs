using System.Text.Json;
using AgentMesh.Inference.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates;

/// <summary>Finds a template's traits: what a rendering leaves out or refuses, it cannot say.</summary>
internal sealed class TraitProbe(Func<IReadOnlyList<Turn>, IReadOnlyList<AIFunctionDeclaration>, TemplateTraits, string> render)
{
    private static readonly AIFunctionDeclaration Tool = AIFunctionFactory.CreateDeclaration("probe_tool", "probe_description",
        JsonDocument.Parse("""{"type":"object","properties":{"probe_key":{"type":"string","description":"probe_property"}},"required":["probe_key"]}""").RootElement.Clone());

    public TemplateTraits Learn(bool callsAreParsed)
    {
        var plain = new TemplateTraits();
        plain = plain with { System = Says(plain, [], [System("probe_system"), User("probe_user")], "probe_system", "probe_user") };
        plain = plain with
        {
            LateSystem = plain.System && Says(plain, [], [User("u"), Assistant("a"), System("probe_system"), User("v")], "probe_system"),
            RepeatedUsers = Says(plain, [], [User("probe_one"), User("probe_two")], "probe_one", "probe_two"),
        };
        return callsAreParsed ? Calls(plain) : plain;
    }

    private TemplateTraits Calls(TemplateTraits plain)
    {
        IReadOnlyList<Turn> conversation = [User("u"), Calling("probe_value"), Result("call_1_0", "probe_result"), Assistant("probe_answer"), User("probe_next")];
        foreach (var shortIds in (bool[])[false, true])
        {
            foreach (var none in (bool[])[false, true])
            {
                foreach (var text in (bool[])[false, true])
                {
                    var traits = plain with { Tools = true, TextArguments = text, NoneContent = none, ShortIds = shortIds };
                    // As Python's repr, or as a JSON string, means: not in the form that the template was written for.
                    if (!Says(traits, [Tool], conversation, "probe_description", "probe_value", "probe_result", "probe_answer", "probe_next")
                        || Rendered(traits, [Tool], conversation) is var whole && (whole.Contains("{'probe_key'", StringComparison.Ordinal) || whole.Contains("\\\"probe_key", StringComparison.Ordinal))) continue;
                    var two = Calling("probe_value") with { Calls = [Call("call_1_0", "probe_value"), Call("call_1_1", "probe_second")] };
                    return traits with
                    {
                        ParallelCalls = Says(traits, [Tool], [User("u"), two, Result("call_1_0", "probe_result"), Result("call_1_1", "probe_other"), Assistant("a"), User("v")], "probe_value", "probe_second", "probe_result", "probe_other"),
                    };
                }
            }
        }

        return plain;
    }

    private bool Says(TemplateTraits traits, IReadOnlyList<AIFunctionDeclaration> tools, IReadOnlyList<Turn> turns, params string[] words) =>
        Rendered(traits, tools, turns) is { Length: > 0 } text && words.All(w => text.Contains(w, StringComparison.Ordinal));

    private string Rendered(TemplateTraits traits, IReadOnlyList<AIFunctionDeclaration> tools, IReadOnlyList<Turn> turns)
    {
        try
        {
            return render(turns, tools, traits);
        }
        catch (TemplateException)
        {
            return "";
        }
    }

    private static Turn System(string text) => new("system", MarkedText.Own(text));

    private static Turn User(string text) => new("user", MarkedText.Own(text));

    private static Turn Assistant(string text) => new("assistant", MarkedText.Own(text));

    private static Turn Result(string id, string text) => new("tool", MarkedText.Own(text), CallId: MarkedText.Own(id), Name: MarkedText.Own("probe_tool"));

    private static Turn Calling(string value) => new("assistant", MarkedText.Empty, Calls: [Call("call_1_0", value)]);

    private static TurnCall Call(string id, string value) => new(MarkedText.Own(id), MarkedText.Own("probe_tool"), MarkedText.Own($$"""{"probe_key": "{{value}}"}"""));
}
