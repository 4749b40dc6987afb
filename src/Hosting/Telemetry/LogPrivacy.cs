using System.Globalization;
using AgentMesh.Inference.Redaction;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace AgentMesh.Hosting.Telemetry;

/// <summary>
/// Redacts what lines of the log say. Of an exception only its type and where it happened go out: its message may hold what somebody wrote.
/// </summary>
internal sealed class LogPrivacy(Redactor redactor) : BaseProcessor<LogRecord>
{
    private const int Longest = 1000;

    public override void OnEnd(LogRecord data)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        foreach (var (name, value) in data.Attributes ?? [])
            attributes.Add(new(name, value is null or bool or int or long or double ? value : Shown(Convert.ToString(value, CultureInfo.InvariantCulture)!)));
        if (data.Exception is { } error)
        {
            attributes.Add(new("exception.type", error.GetType().FullName));
            attributes.Add(new("exception.stacktrace", error.StackTrace));
            data.Exception = null;
        }

        data.Attributes = attributes;
        if (data.FormattedMessage is { } message) data.FormattedMessage = Shown(message);
    }

    private string Shown(string text)
    {
        // Before it is cut: half a secret matches no pattern.
        var redacted = redactor.ForLog(text);
        return redacted.Length > Longest ? redacted[..Longest] : redacted;
    }
}
