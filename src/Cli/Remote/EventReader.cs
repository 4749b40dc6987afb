using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>Reads server-sent events from one connection until it ends, well or not.</summary>
internal sealed class EventReader(HttpResponseMessage response, StreamReader lines, TimeProvider time) : IDisposable
{
    /// <summary>The server says every 15 s that it is there.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(50);

    /// <summary>True once the server ended the stream itself.</summary>
    public bool Complete { get; private set; }

    public static async Task<EventReader> Open(HttpResponseMessage response, TimeProvider time, CancellationToken ct) =>
        new(response, new StreamReader(await response.Content.ReadAsStreamAsync(ct)), time);

    /// <summary>The next entry; null when the stream is over or cut.</summary>
    public async Task<JournalEntry?> Next(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                using var patience = new CancellationTokenSource(Silence, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
                if (await lines.ReadLineAsync(either.Token) is not { } line)
                {
                    Complete = true;
                    return null;
                }

                if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
                // A line that was cut in the middle is no entry; what follows it is the stream's end.
                if (await lines.ReadLineAsync(either.Token) is not "") return null;
                return JsonSerializer.Deserialize(line.AsSpan(5), MeshJson.Default.JournalEntry);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
