using AgentMesh.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace AgentMesh.Grains.Agents;

/// <summary>What directly called agents were told to remember, in grain storage. Read when first asked for: an agent at a goal's step costs nothing here.</summary>
internal sealed class AgentMemories([FromKeyedServices(AgentMemories.Storage)] IGrainStorage storage)
{
    /// <summary>Name of the storage provider.</summary>
    public const string Storage = "agents";

    private const string StateName = "memory";

    public async Task<AgentMemory> Load(GrainId agent)
    {
        var state = new GrainState<AgentNotes>(new AgentNotes());
        await storage.ReadStateAsync(StateName, agent, state);
        var notes = state.State ??= new AgentNotes();
        return new AgentMemory(() => storage.WriteStateAsync(StateName, agent, state), notes.Notes);
    }
}

/// <summary>One agent's notes. For its grain's turns only.</summary>
internal sealed class AgentMemory(Func<Task> write, Dictionary<string, string> notes)
{
    private const int MostNotes = 100, MostCharacters = 4096, MostTopicCharacters = 200;

    public IReadOnlyDictionary<string, string> Notes => new Dictionary<string, string>(notes, StringComparer.Ordinal);

    /// <summary>Durable when it returns.</summary>
    /// <exception cref="MeshException">Code <c>bad-request</c>: too long, or too many.</exception>
    public async Task Set(string topic, string? note)
    {
        if (topic.Length is 0 or > MostTopicCharacters) throw new MeshException("bad-request", $"A topic has 1 to {MostTopicCharacters} characters.");
        if (note?.Length > MostCharacters) throw new MeshException("bad-request", $"A note has at most {MostCharacters} characters; this one has {note.Length}.");
        if (note is not null && notes.Count >= MostNotes && !notes.ContainsKey(topic)) throw new MeshException("bad-request", $"This agent keeps {MostNotes} notes already. Let it forget one first.");
        var before = notes.GetValueOrDefault(topic);
        Put(topic, note);
        try
        {
            await write();
        }
        catch
        {
            // What is not durable is not remembered.
            Put(topic, before);
            throw;
        }
    }

    private void Put(string topic, string? note)
    {
        if (note is null) notes.Remove(topic);
        else notes[topic] = note;
    }
}

/// <summary>An agent's memory as it is stored.</summary>
[GenerateSerializer, Alias("agentmesh.agent-notes")]
public sealed class AgentNotes
{
    [Id(0)]
    public Dictionary<string, string> Notes { get; init; } = new(StringComparer.Ordinal);
}
