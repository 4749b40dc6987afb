using System.Text.Json;

namespace AgentMesh.Samples.TicketService;

/// <summary>
/// One line of the log: what became of one received POST. <see cref="Outcome"/> is "created", "replayed" or "rejected".
/// A ticket exists exactly when a "created" line names it, so counting those lines per key counts tickets per key.
/// </summary>
public sealed record TicketLogEntry
{
    public required DateTimeOffset Time { get; init; }

    public required string Outcome { get; init; }

    /// <summary>HTTP status answered.</summary>
    public required int Status { get; init; }

    public string? Key { get; init; }

    public string? TicketId { get; init; }

    public string? BodyHash { get; init; }

    /// <summary>Why a request was rejected.</summary>
    public string? Reason { get; init; }

    /// <summary>The whole ticket, on "created" lines.</summary>
    public Ticket? Ticket { get; init; }
}

/// <summary>
/// Append-only JSON lines on disk; the service's only durable state. <see cref="Append"/> returns after the bytes are on the disk.
/// Not thread-safe: the store calls it under its lock, which makes the order of lines the order of events.
/// </summary>
public sealed class TicketLog : IDisposable
{
    private readonly FileStream _lock;
    private readonly FileStream _file;

    private TicketLog(FileStream @lock, FileStream file, IReadOnlyList<TicketLogEntry> entries)
    {
        (_lock, _file, Entries) = (@lock, file, entries);
    }

    /// <summary>What the log held when it was opened, oldest first.</summary>
    public IReadOnlyList<TicketLogEntry> Entries { get; }

    /// <summary>Opens or creates the log. A last line without its newline was never answered for and is cut off.</summary>
    /// <exception cref="InvalidDataException">A line before the last is no log entry: the file is damaged, and guessing could lose tickets.</exception>
    /// <exception cref="IOException">Another service holds this log.</exception>
    public static TicketLog Open(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var held = Lock(path + ".lock");
        FileStream? file = null;
        try
        {
            // Readers may look on while the service runs; a second writer is kept out by the lock file.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            var entries = Parse(bytes.AsMemory(0, whole), path);
            if (whole < bytes.Length)
            {
                file.SetLength(whole);
                file.Flush(flushToDisk: true);
            }

            file.Position = whole;
            return new TicketLog(held, file, entries);
        }
        catch
        {
            file?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The line could not be made durable. It has been taken back: the request has no outcome yet.</exception>
    public void Append(TicketLogEntry entry)
    {
        var start = _file.Position;
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, TicketJson.Default.TicketLogEntry);
        try
        {
            // One write for line and newline, so that a crash leaves a whole line or one that Open recognises as torn.
            _file.Write([.. json, (byte)'\n']);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            _file.SetLength(start);
            _file.Position = start;
            throw;
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"Another ticket service holds {path}. Stop it, or give this one its own --log file.", e);
        }
    }

    private static List<TicketLogEntry> Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        var entries = new List<TicketLogEntry>();
        for (var rest = bytes.Span; rest.Length > 0;)
        {
            var end = rest.IndexOf((byte)'\n');
            try
            {
                entries.Add(JsonSerializer.Deserialize(rest[..end], TicketJson.Default.TicketLogEntry) ?? throw new JsonException("The line is null."));
            }
            catch (JsonException e)
            {
                throw new InvalidDataException(
                    $"Line {entries.Count + 1} of {path} is not a ticket log entry ({e.Message}). Repair the line, or move the file away to start empty.", e);
            }

            rest = rest[(end + 1)..];
        }

        return entries;
    }
}
