using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>A file on its way to become an input of a goal.</summary>
/// <param name="Kind">The artifact kind that it must be read as; null for whatever it is.</param>
public sealed record AttachedFile(string Name, ReadOnlyMemory<byte> Bytes, string? Kind = null);

/// <summary>Turns attached files into a goal's input artifacts, the same on every surface.</summary>
public sealed class GoalInputs(IAttachmentReader reader, IContentStore store, RuntimeOptions options)
{
    /// <summary>Reads all files, in order. Their bytes, and values too large for the journal, go to the content store; nothing is stored unless all can be read.</summary>
    /// <param name="warn">Told what was odd about a file, with its name.</param>
    /// <exception cref="UnreadableAttachmentException">A file cannot be read, or is not of the kind that was asked for.</exception>
    public async Task<IReadOnlyList<Artifact>> Read(IReadOnlyList<AttachedFile> files, Action<string> warn, CancellationToken ct)
    {
        var contents = new List<AttachmentContent>();
        foreach (var file in files)
        {
            var content = reader.Read(file.Name, file.Bytes);
            if (file.Kind is { } kind && content.Kind != kind)
                throw new UnreadableAttachmentException(file.Name, $"{file.Name} is no {kind} but read as {content.Kind}{(kind == "table" ? "; a table is a CSV or TSV file" : "")}. Attach it as it is, or another file.");
            foreach (var warning in content.Warnings) warn($"{file.Name}: {warning}");
            contents.Add(content);
        }

        var inputs = new List<Artifact>();
        foreach (var (file, content) in files.Zip(contents)) inputs.Add(await Store(new ArtifactId($"in-{inputs.Count + 1}"), file, content, ct));
        return inputs;
    }

    private async Task<Artifact> Store(ArtifactId id, AttachedFile file, AttachmentContent content, CancellationToken ct)
    {
        var artifact = new Artifact
        {
            Id = id, Kind = content.Kind, Value = content.Value, Trust = Trust.Untrusted, Origin = new Origin(null, file.Name, null),
            Raw = await store.Put(file.Bytes, content.MediaType, ct),
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(content.Value, MeshJson.Default.JsonElement);
        return json.Length <= options.InlineArtifactBytes ? artifact : artifact with { Value = null, Content = await store.Put(json, "application/json", ct) };
    }
}
