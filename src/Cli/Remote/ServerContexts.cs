using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMesh.Cli.Output;
using AgentMesh.Storage;

namespace AgentMesh.Cli.Remote;

/// <param name="Key">Null for a server that asks nobody who they are.</param>
internal sealed record ServerContext(string Name, string Url, string? Key = null);

/// <param name="Current">Null for the mesh of this process.</param>
internal sealed record ContextBook(IReadOnlyList<ServerContext> Contexts, string? Current = null);

/// <summary>The servers that a person works with, by name, in <c>contexts.json</c> of the home: for its owner's eyes only, because it holds keys.</summary>
internal sealed class ServerContexts
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string file;

    public ServerContexts(Terminal terminal) => file = Path.Combine(Path.GetFullPath(StorageOptions.FromEnvironment(terminal.Environment).Home), "contexts.json");

    /// <summary>What there is; empty where nobody added any.</summary>
    /// <exception cref="CliException">The file is broken, or others may read it.</exception>
    public ContextBook Read()
    {
        if (!File.Exists(file)) return new ContextBook([]);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(OwnerOnly | UnixFileMode.UserExecute)) != UnixFileMode.None)
            throw new CliException($"{file} holds keys and can be read by others. Do `chmod 600 {file}`; if others saw it, revoke its keys.");
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize(stream, ContextJson.Default.ContextBook) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new CliException($"{file} cannot be read: {e.Message} Mend it, or remove it and add your contexts again.", ExitCodes.Usage, e);
        }
    }

    /// <summary>The one in use; null for the mesh of this process.</summary>
    public ServerContext? Current() => Read() is { Current: { } name } book ? book.Contexts.FirstOrDefault(c => c.Name == name) : null;

    /// <summary>Whole or not at all, and never readable by others, not for a moment.</summary>
    public void Write(ContextBook book)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var draft = $"{file}.{Environment.ProcessId}";
        var how = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(draft, how)) JsonSerializer.Serialize(stream, book, ContextJson.Default.ContextBook);
        File.Move(draft, file, overwrite: true);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, WriteIndented = true)]
[JsonSerializable(typeof(ContextBook))]
internal sealed partial class ContextJson : JsonSerializerContext;
