namespace AgentMesh.Storage;

/// <summary>Where and how the mesh stores things. Every default suits one small machine.</summary>
public sealed record StorageOptions
{
    /// <summary>The host's folder: lock, embedded server, data. Default <c>.agentmesh</c> under the current folder.</summary>
    public string Home { get; init; } = ".agentmesh";

    /// <summary>Npgsql connection string of a server that somebody else runs; null starts the embedded one.</summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// Whether opening brings the schema up to date. Default true. Where a job does that beforehand (<see cref="PostgresStore.Migrate"/>), opening only
    /// checks, and refuses a schema that is older than the program.
    /// </summary>
    public bool MigrateOnOpen { get; init; } = true;

    /// <summary>Folder with <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>; null looks for the npm package in the folders above.</summary>
    public string? PostgresBin { get; init; }

    /// <summary>How long a call waits for a store that is away before it gives up. Default 60 s.</summary>
    public TimeSpan JournalPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Appends that may wait to be written; further ones wait to be queued. Default 1,024.</summary>
    public int JournalQueue { get; init; } = 1024;

    /// <summary>
    /// Connections that write the journal side by side, the goals spread over them. Default 1: larger batches beat overlapping commits wherever the
    /// disk was not the bottleneck. More may help where an fsync takes many milliseconds.
    /// </summary>
    public int JournalWriters { get; init; } = 1;

    /// <summary>Most bytes of one stored content. Default 32 MiB.</summary>
    public int MaxContentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Connections to the server, the journal's included. Default 20.</summary>
    public int MaxConnections { get; init; } = 20;

    /// <summary>Reads <c>AGENTMESH_HOME</c>, <c>AGENTMESH_POSTGRES</c>, <c>AGENTMESH_PG_BIN</c> and <c>AGENTMESH_JOURNAL_PATIENCE</c> (seconds).</summary>
    /// <param name="read">Reads one variable; null for the process's environment.</param>
    /// <exception cref="FormatException">A variable has a value that cannot be used.</exception>
    public static StorageOptions FromEnvironment(Func<string, string?>? read = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        var options = new StorageOptions();
        if (Text("AGENTMESH_HOME") is { } home) options = options with { Home = home };
        if (Text("AGENTMESH_POSTGRES") is { } postgres) options = options with { Postgres = postgres };
        if (Text("AGENTMESH_PG_BIN") is { } bin) options = options with { PostgresBin = bin };
        if (Text("AGENTMESH_JOURNAL_PATIENCE") is { } patience)
        {
            if (!double.TryParse(patience, out var seconds) || seconds is not (>= 0 and <= 86_400))
                throw new FormatException($"AGENTMESH_JOURNAL_PATIENCE is '{patience}'; give seconds from 0 to 86400.");
            options = options with { JournalPatience = TimeSpan.FromSeconds(seconds) };
        }
        return options;

        string? Text(string name) => read(name) is { Length: > 0 } value ? value : null;
    }
}

/// <summary>Storage cannot start or go on; the message says what to do.</summary>
public class StorageException(string message, Exception? inner = null) : Exception(message, inner);
