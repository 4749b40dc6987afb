using AgentMesh.Inference.Templates.Jinja;
using System.Text.Json;

namespace AgentMesh.Inference.Tests.Templates;

internal static class Jinja
{
    public static readonly DateTimeOffset Now = new(2026, 3, 5, 14, 7, 9, TimeSpan.Zero);

    public static string Render(string template, string values = "{}", TemplateLimits? limits = null) => Marked(template, values, limits).Value;

    public static MarkedText Marked(string template, string values = "{}", TemplateLimits? limits = null)
    {
        using var json = JsonDocument.Parse(values);
        return JinjaTemplate.Parse(template).Render(
            [.. json.RootElement.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, JsonText.Read(p.Value, outside: true)))], limits ?? TemplateLimits.Default, new Clock());
    }

    public sealed class Clock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
