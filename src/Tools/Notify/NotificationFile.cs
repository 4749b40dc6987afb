using System.Text;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools.Notify;

/// <param name="Key">The call's idempotency key; a key is written once.</param>
internal sealed record NotificationLine(string Id, string Key, string Goal, string Text, DateTimeOffset At, string? Subject = null, string? To = null);

/// <summary>An append-only file of notifications, one JSON object a line. A key is there once, however often and from whichever process it is appended.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never asked for holds nothing to dispose.
internal sealed class NotificationFile(string path, TimeProvider time)
#pragma warning restore CA1001
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Durable when it returns.</summary>
    /// <returns>The line that the file holds for this key: the given one, or an earlier one.</returns>
    public async Task<NotificationLine> Append(NotificationLine line, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            await using var stream = await Open(ct);
            if (await Find(stream, line.Key, ct) is { } earlier) return earlier;
            // A crash may have left half a line, which the next one must not be glued to.
            var text = (await EndsInsideLine(stream, ct) ? "\n" : "") + JsonSerializer.Serialize(line, ToolJson.Default.NotificationLine) + "\n";
            stream.Seek(0, SeekOrigin.End);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
            stream.Flush(flushToDisk: true);
            return line;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(FailureKind.Transient, $"The notifications file cannot be written: {exception.Message}", effectPossible: true, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Opened for this writer alone; another process is waited for.</summary>
    private async Task<FileStream> Open(CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    private static async Task<NotificationLine?> Find(FileStream stream, string key, CancellationToken ct)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        while (await reader.ReadLineAsync(ct) is { } text)
        {
            if (text.Length == 0) continue;
            try
            {
                if (JsonSerializer.Deserialize(text, ToolJson.Default.NotificationLine) is { } line && line.Key == key) return line;
            }
            catch (JsonException)
            {
                // Half a line from a crash was never acknowledged.
            }
        }

        return null;
    }

    private static async Task<bool> EndsInsideLine(FileStream stream, CancellationToken ct)
    {
        if (stream.Length == 0) return false;
        stream.Seek(-1, SeekOrigin.End);
        var last = new byte[1];
        await stream.ReadExactlyAsync(last, ct);
        return last[0] != '\n';
    }
}
