using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.OpenAi;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>What the hub has: a repository's files, and one file's size, hash and commit. Answers are checked before anything is made of them.</summary>
internal sealed class HubClient(HubConnection connection, HubOptions options)
{
    private const long MostBytes = 32 * 1024 * 1024;

    /// <returns>The commit and the names of the files that may be ours; names that could leave their folder are left out.</returns>
    public async Task<(string Commit, IReadOnlyList<string> Files)> List(string repo, string revision, CancellationToken ct)
    {
        var url = new Uri(options.Endpoint, $"api/models/{repo}/revision/{Uri.EscapeDataString(revision)}");
        using var silence = connection.Silence(ct);
        var (answer, from) = await connection.Send(HttpMethod.Get, url, $"{repo}@{revision}", null, null, silence, ct);
        using (answer)
        {
            var listing = answer.IsSuccessStatusCode ? await Read(answer, from, silence, ct) : null;
            if (listing?.Sha is not { } commit || !SafeNames.IsCommit(commit)) throw NoHub(from);
            return (commit, [.. (listing.Siblings ?? []).Select(s => s.Rfilename).OfType<string>().Where(SafeNames.IsFile)]);
        }
    }

    /// <param name="commit">The commit that <paramref name="revision"/> must mean; null to learn it.</param>
    public async Task<RemoteFile> Describe(string repo, string file, string revision, string? commit, CancellationToken ct)
    {
        var (answer, from) = await Head(FileUrl(repo, file, revision), $"{repo}/{file}@{revision}", ct);
        using (answer)
        {
            var said = Header(answer, "X-Repo-Commit") ?? commit ?? (SafeNames.IsCommit(revision) ? revision : null);
            if (said is null || !SafeNames.IsCommit(said)) throw NoHub(from);
            if (commit is not null && said != commit) throw new ChangedException($"{repo} changed while we asked for it.");
            var linked = Header(answer, "X-Linked-Etag");
            if ((linked ?? answer.Headers.ETag?.Tag) is not { } raw) throw ModelFileException.Broken($"{from.Host} gives no etag for {repo}/{file}: it cannot be checked.");
            var (etag, size) = (raw.Replace("W/", "", StringComparison.Ordinal).Trim('"', ' '), Size(answer, from, file));
            var promise = ContentHash.PromiseOf(etag);
            var validator = linked is null && answer.IsSuccessStatusCode ? Validator.Of(answer, from) : null;
            // A mirror's own etag is no name for a file, and says nothing about its content.
            return new RemoteFile(FileUrl(repo, file, said), file, promise == Promise.None ? Unnamed(repo, file, raw, size) : etag, promise, size, said, validator);
        }
    }

    /// <summary>A file at any address.</summary>
    public async Task<RemoteFile> Describe(Uri url, string name, CancellationToken ct)
    {
        var (answer, from) = await Head(url, name, ct);
        using (answer)
        {
            if (!answer.IsSuccessStatusCode) throw ModelFileException.Broken($"{from.Host} answers {(int)answer.StatusCode} for {name}.");
            var size = Size(answer, from, name);
            return new RemoteFile(url, name, Unnamed(url.GetLeftPart(UriPartial.Path), name, answer.Headers.ETag?.Tag ?? "", size), Promise.None, size, null, Validator.Of(answer, from));
        }
    }

    private Uri FileUrl(string repo, string file, string revision) =>
        new(options.Endpoint, $"{repo}/resolve/{Uri.EscapeDataString(revision)}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    private async Task<(HttpResponseMessage Answer, Uri From)> Head(Uri url, string subject, CancellationToken ct)
    {
        using var silence = connection.Silence(ct);
        // The hub describes a file in the answer that sends us to where it is; a mirror may send us to who describes it.
        return await connection.Send(HttpMethod.Head, url, subject, null, (answer, _) => Header(answer, "X-Linked-Etag") is not null, silence, ct);
    }

    private static string Unnamed(string place, string name, string tag, long size) => "part-" + ContentHash.OfText($"{place}\n{name}\n{tag}\n{size}");

    private static long Size(HttpResponseMessage answer, Uri from, string file)
    {
        var size = Header(answer, "X-Linked-Size") is { } linked ? (long.TryParse(linked, out var number) ? number : -1)
            : answer.IsSuccessStatusCode ? answer.Content.Headers.ContentLength ?? -1 : -1;
        return size is > 0 and < 1L << 50 ? size : throw ModelFileException.Broken($"{from.Host} does not say how large {file} is.");
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : null;

    private static async Task<HubListing?> Read(HttpResponseMessage answer, Uri from, Silence silence, CancellationToken ct)
    {
        try
        {
            await using var body = new BoundedStream(await answer.Content.ReadAsStreamAsync(silence.Token), MostBytes);
            return await JsonSerializer.DeserializeAsync(body, HubJson.Default.HubListing, silence.Token);
        }
        catch (Exception e) when (e is JsonException or ModelException)
        {
            throw NoHub(from);
        }
        catch (Exception e) when (HubConnection.IsCut(e, ct))
        {
            throw HubConnection.Cut(e, from);
        }
    }

    private static ModelFileException NoHub(Uri from) => ModelFileException.Broken($"{from.Host} does not answer as Hugging Face does: check HF_ENDPOINT.");
}
