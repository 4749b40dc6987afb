using System.Net;
using System.Net.Http.Headers;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>One file's bytes into its part, over as many connections as it takes. Whatever ends it, what came is kept for the next time.</summary>
internal sealed class Download(HubConnection connection, PullOptions options, RemoteFile file, Action<PullEvent> report) : IDisposable
{
    private const long Gain = 1 << 20;

    private ContentHash hash = new(file.Promise, file.Size);
    private readonly Validator? validator = file.Validator;

    /// <returns>The content's hash: sha256, or git's sha1 where that is what the server promised.</returns>
    /// <exception cref="ModelFileException">It cannot be had, or is not what was promised; then the part is gone.</exception>
    /// <exception cref="ChangedException">The server has another file now.</exception>
    public async Task<string> Run(string part, CancellationToken ct)
    {
        var patience = new Patience(options, connection.Time, report);
        await using var stream = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
        var resumed = stream.Length > 0;
        if (!file.IsResumable || stream.Length > file.Size) Restart(stream);
        report(new PullEvent.Began(file.Name, file.Size, stream.Length));
        await hash.Add(stream, null, ct);
        while (true)
        {
            while (stream.Position < file.Size) await Fetch(stream, patience, ct);
            var found = hash.End();
            if (file.Promise == Promise.None || found == file.Etag)
            {
                stream.Flush(flushToDisk: true);
                return found;
            }

            Restart(stream);
            // The beginning may be of another time or another tool: then it is worth one whole transfer.
            if (resumed)
            {
                resumed = false;
                report(new PullEvent.Moved(0));
                continue;
            }

            File.Delete(part);
            throw ModelFileException.Broken($"{file.Name} is not what {file.Url.Host} promised: its hash is {found} instead of {file.Etag}. Nothing of it was kept.");
        }
    }

    public void Dispose() => hash.Dispose();

    private void Restart(FileStream stream)
    {
        stream.SetLength(0);
        stream.Position = 0;
        hash.Dispose();
        hash = new ContentHash(file.Promise, file.Size);
    }

    private async Task Fetch(FileStream stream, Patience patience, CancellationToken ct)
    {
        var before = stream.Position;
        try
        {
            await Attempt(stream, ct);
        }
        catch (PassingException e)
        {
            if (stream.Position - before >= Gain) patience.Gained();
            await patience.Wait(e, ct);
        }
    }

    private async Task Attempt(FileStream stream, CancellationToken ct)
    {
        using var silence = connection.Silence(ct);
        var at = stream.Position;
        var (answer, from) = await connection.Send(HttpMethod.Get, file.Url, file.Name, r => Ask(r, at), Look, silence, ct);
        using (answer)
        {
            CheckSame(answer, from);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.PartialContent when at > 0 && file.Promise == Promise.None && !Equals(Validator.Of(answer, from)?.Tag, validator?.Tag):
                    // Another host than the one that described it, with bytes of we know not what.
                    Restart(stream);
                    throw new PassingException($"{from.Host} does not say which version of {file.Name} it goes on with; it begins again.");
                case HttpStatusCode.PartialContent when at > 0:
                    CheckRange(answer, from, at);
                    break;
                case HttpStatusCode.OK:
                    CheckLength(answer.Content.Headers.ContentLength, from);
                    // The server knows no ranges, or has another version: what is here is worth nothing.
                    if (at > 0) Restart(stream);
                    break;
                case HttpStatusCode.RequestedRangeNotSatisfiable:
                    Restart(stream);
                    throw new PassingException($"{from.Host} cannot go on where {file.Name} stopped; it begins again.");
                default:
                    throw ModelFileException.Broken($"{from.Host} answers {(int)answer.StatusCode} for {file.Name}.");
            }

            await Copy(answer, from, stream, silence, ct);
        }
    }

    private void Ask(HttpRequestMessage request, long at)
    {
        if (at == 0) return;
        request.Headers.Range = new RangeHeaderValue(at, null);
        if (validator is not null && HubConnection.IsSame(validator.Host, request.RequestUri!)) request.Headers.IfRange = new RangeConditionHeaderValue(validator.Tag);
    }

    /// <summary>A hub says on the way what it would send us to.</summary>
    private bool Look(HttpResponseMessage answer, Uri from)
    {
        if (file.Promise != Promise.None && answer.Headers.TryGetValues("X-Linked-Etag", out var linked) && linked.First().Trim('"') != file.Etag) throw Changed(from);
        return false;
    }

    private void CheckSame(HttpResponseMessage answer, Uri from)
    {
        if (validator is null || !HubConnection.IsSame(validator.Host, from) || Validator.Of(answer, from) is not { } now || now.Tag.Equals(validator.Tag)) return;
        throw Changed(from);
    }

    private void CheckRange(HttpResponseMessage answer, Uri from, long at)
    {
        var range = answer.Content.Headers.ContentRange;
        if (range is null || range.Unit != "bytes" || range.From != at) throw ModelFileException.Broken($"{from.Host} sends another part of {file.Name} than the one we asked for.");
        if (range.HasLength) CheckLength(range.Length, from);
    }

    private void CheckLength(long? length, Uri from)
    {
        if (length is { } said && said != file.Size) throw ModelFileException.Broken($"{from.Host} sends {said} bytes for {file.Name}, but promised {file.Size}.");
    }

    private async Task Copy(HttpResponseMessage answer, Uri from, FileStream stream, Silence silence, CancellationToken ct)
    {
        var buffer = new byte[1 << 18];
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        while (true)
        {
            var read = await Read(body, from, buffer, silence, ct);
            if (read == 0 && stream.Position < file.Size) throw new PassingException($"The connection to {from.Host} broke off.");
            if (read == 0) return;
            if (stream.Position + read > file.Size) throw TooMuch(stream, from);
            await stream.WriteAsync(buffer.AsMemory(0, read), ct);
            hash.Add(buffer.AsSpan(0, read));
            report(new PullEvent.Moved(stream.Position));
        }
    }

    private static async Task<int> Read(Stream body, Uri from, byte[] buffer, Silence silence, CancellationToken ct)
    {
        try
        {
            silence.Broken();
            return await body.ReadAsync(buffer, silence.Token);
        }
        catch (Exception e) when (HubConnection.IsCut(e, ct))
        {
            throw HubConnection.Cut(e, from);
        }
    }

    private ModelFileException TooMuch(FileStream stream, Uri from)
    {
        Restart(stream);
        return ModelFileException.Broken($"{from.Host} sends more than the {file.Size} bytes that it promised for {file.Name}. Nothing of it was kept.");
    }

    private ChangedException Changed(Uri from) => new($"{file.Name} changed at {from.Host} while it was pulled.");
}
