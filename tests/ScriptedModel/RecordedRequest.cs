using System.Text.Json;

namespace AgentMesh.ScriptedModel;

/// <summary>One request as it arrived.</summary>
/// <param name="Headers">By name, whatever the case.</param>
public sealed record RecordedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The body as JSON; parsed anew at each use.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
    }
}
