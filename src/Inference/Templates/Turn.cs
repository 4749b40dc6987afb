using AgentMesh.Inference.OpenAi;
using AgentMesh.Inference.Templates.Jinja;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates;

/// <summary>One entry of a conversation as templates know them.</summary>
/// <param name="Role">system, user, assistant or tool.</param>
/// <param name="Name">Of the tool whose result this is.</param>
internal sealed record Turn(string Role, MarkedText Text, MarkedText? Reasoning = null, IReadOnlyList<TurnCall>? Calls = null, MarkedText? CallId = null, MarkedText? Name = null)
{
    /// <exception cref="TemplateException">A message holds what no template of a text model takes.</exception>
    public static List<Turn> Of(IReadOnlyList<ChatMessage> messages)
    {
        List<Turn> turns = [];
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        // A call so broken that nobody knows whom it was for: it is shown as the text that it was, and what is said to it as a message.
        var nameless = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            var results = message.Contents.OfType<FunctionResultContent>().ToList();
            foreach (var result in results)
                turns.Add(nameless.Contains(result.CallId)
                    ? new Turn("user", Outside(ChatRequestMessages.ResultText(result)))
                    : new Turn("tool", Outside(ChatRequestMessages.ResultText(result)), CallId: Outside(result.CallId), Name: Outside(names.GetValueOrDefault(result.CallId, "tool"))));
            if (message.Contents.Any(c => c is DataContent or UriContent)) throw new TemplateException("only text can be sent to a local model; leave out images and attachments, or extract their text first.", 0, 0);
            var broken = message.Contents.OfType<FunctionCallContent>().Where(c => c.Name.Length == 0).ToList();
            nameless.UnionWith(broken.Select(c => c.CallId));
            var calls = message.Contents.OfType<FunctionCallContent>().Except(broken).Select(c => new TurnCall(Outside(c.CallId), Outside(c.Name), Outside(ToolCalls.ArgumentsText(c)))).ToList();
            foreach (var call in calls) names[call.Id.Value] = call.Name.Value;
            var text = string.Concat(message.Contents.Select(c => c switch
            {
                TextContent said => said.Text,
                FunctionCallContent { Name: "" } call => ToolCalls.ArgumentsText(call),
                _ => "",
            }));
            var reasoning = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(t => t.Text));
            if (results.Count > 0 && text.Length == 0 && calls.Count == 0) continue;
            turns.Add(new Turn(RoleOf(message.Role), Outside(text), reasoning.Length > 0 ? Outside(reasoning) : null, calls.Count > 0 ? calls : null));
        }

        return turns;
    }

    private static MarkedText Outside(string text) => new(text, outside: true);

    private static string RoleOf(ChatRole role) => role.Value switch
    {
        "user" or "assistant" => role.Value,
        "system" or "developer" => "system",
        "tool" => "user",
        _ => throw new TemplateException($"a message has the role '{role.Value}'; use system, user, assistant or tool.", 0, 0),
    };
}

/// <param name="Arguments">JSON.</param>
internal sealed record TurnCall(MarkedText Id, MarkedText Name, MarkedText Arguments);
