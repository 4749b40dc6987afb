using System.Collections.Concurrent;

namespace AgentMesh.Agents.Loop;

/// <summary>Remembers which models refused a request because it offered tools. One per host; forgetting it costs one refused request.</summary>
internal sealed class NativeToolMemory
{
    private readonly ConcurrentDictionary<string, bool> refused = new(StringComparer.Ordinal);

    public bool Offers(string model) => !refused.ContainsKey(model);

    public void Refused(string model) => refused[model] = true;
}
