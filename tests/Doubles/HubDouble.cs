using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Doubles;

/// <summary>
/// A Hugging Face hub with a content server on another port, both of which misbehave as a test says: cut, stall, ignore ranges, lie, change, refuse.
/// </summary>
public sealed class HubDouble : IAsyncDisposable
{
    public const string Repo = "acme/tiny-GGUF";

    private readonly ConcurrentDictionary<string, HubFile> files = new(StringComparer.Ordinal);
    private readonly TestServer hub;
    private readonly TestServer content;

    private HubDouble(TestServer hub, TestServer content) => (this.hub, this.content) = (hub, content);

    /// <summary>As HF_ENDPOINT; with a path, as mirrors have it.</summary>
    public Uri Endpoint => new(hub.Url, "mirror");

    public Uri Content => content.Url;

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<HubRequest> Requests { get; } = new();

    public string Commit { get; set; } = "1111111111111111111111111111111111111111";

    /// <summary>Names that the listing has beside the files' own.</summary>
    public List<string> FurtherNames { get; } = [];

    /// <summary>Takes a request instead of the server's own answer; true when it did. Set before requests come.</summary>
    public Func<HttpContext, bool>? Before { get; set; }

    /// <summary>What happens to each transfer of content, by its number from 0.</summary>
    public Func<int, Transfer> Transfers { get; set; } = _ => new();

    public IEnumerable<HubRequest> Gets => Requests.Where(r => r is { Method: "GET", IsContent: true });

    public static async Task<HubDouble> Start()
    {
        HubDouble? self = null;
        var contents = await TestServer.Start(c => self!.AnswerContent(c));
        return self = new HubDouble(await TestServer.Start(c => self!.Answer(c)), contents);
    }

    /// <summary>A GGUF file with one tensor of bytes, as the seed says. At least 160 bytes.</summary>
    public static byte[] Gguf(int size, int seed = 1)
    {
        const int Data = 128;
        const int Bytes = 24; // The format's number for tensors of them.
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        bytes.AsSpan(0, Data).Clear();
        using var header = new BinaryWriter(new MemoryStream(bytes));
        header.Write("GGUF"u8);
        header.Write(3);
        header.Write(1L);
        header.Write(1L);
        Text("general.architecture");
        header.Write(8);
        Text("x");
        Text("t");
        header.Write(1);
        header.Write((long)(size - Data));
        header.Write(Bytes);
        header.Write(0L);
        return bytes;

        void Text(string text)
        {
            header.Write((long)text.Length);
            header.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
    }

    public HubFile Add(string name, byte[] bytes, bool lfs = true) => files[name] = new HubFile(name, bytes, lfs);

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await content.DisposeAsync();
    }

    private async Task Answer(HttpContext c)
    {
        Note(c, isContent: c.Request.Path.Value!.Contains("/resolve/", StringComparison.Ordinal) && c.Request.Method == "GET" && files.TryGetValue(FileOf(c), out var f) && !f.Lfs);
        if (Before?.Invoke(c) == true) return;
        var path = c.Request.Path.Value!;
        if (path.StartsWith($"/mirror/api/models/{Repo}/revision/", StringComparison.Ordinal))
        {
            var names = files.Keys.Order(StringComparer.Ordinal).Concat(FurtherNames).Select(n => $"{{\"rfilename\":\"{n.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"}}");
            await c.Response.WriteAsync($"{{\"id\":\"{Repo}\",\"sha\":\"{Commit}\",\"siblings\":[{string.Join(',', names)}]}}");
            return;
        }

        if (!path.StartsWith($"/mirror/{Repo}/resolve/", StringComparison.Ordinal))
        {
            Refuse(c, 401, "RepoNotFound");
            return;
        }

        if (!files.TryGetValue(FileOf(c), out var file))
        {
            Refuse(c, 404, "EntryNotFound");
            return;
        }

        c.Response.Headers["X-Repo-Commit"] = Commit;
        if (!file.Lfs)
        {
            c.Response.Headers.ETag = $"\"{file.Etag}\"";
            await Serve(c, file);
            return;
        }

        c.Response.Headers["X-Linked-Etag"] = $"\"{file.Etag}\"";
        c.Response.Headers["X-Linked-Size"] = file.Size.ToString();
        c.Response.StatusCode = 302;
        c.Response.Headers.Location = $"{content.Url}{file.Etag}?name={Uri.EscapeDataString(file.Name)}&signature=secret";
    }

    private Task AnswerContent(HttpContext c)
    {
        Note(c, isContent: true);
        if (Before?.Invoke(c) == true) return Task.CompletedTask;
        var name = c.Request.Query["name"].FirstOrDefault() ?? c.Request.Path.Value![1..];
        if (!files.TryGetValue(name, out var file))
        {
            c.Response.StatusCode = 404;
            return Task.CompletedTask;
        }

        if (file.ContentEtag is { } etag) c.Response.Headers.ETag = etag;
        return Serve(c, file);
    }

    private async Task Serve(HttpContext c, HubFile file)
    {
        var bytes = file.Bytes;
        if (c.Request.Method == "HEAD")
        {
            c.Response.ContentLength = file.Size;
            return;
        }

        var transfer = Transfers(Gets.Count() - 1);
        if (transfer.Status is { } status)
        {
            c.Response.StatusCode = status;
            if (transfer.RetryAfter is { } after) c.Response.Headers.RetryAfter = after;
            return;
        }

        var range = c.Request.GetTypedHeaders().Range?.Ranges.Single().From;
        var ifRange = c.Request.Headers.IfRange.ToString();
        var from = transfer.IgnoresRange || range is null || (ifRange.Length > 0 && ifRange != c.Response.Headers.ETag) ? 0 : (int)range.Value;
        if (from >= bytes.Length && from > 0)
        {
            c.Response.StatusCode = 416;
            return;
        }

        if (from > 0)
        {
            c.Response.StatusCode = 206;
            c.Response.Headers.ContentRange = $"bytes {from + transfer.RangeOffBy}-{bytes.Length - 1}/{bytes.Length}";
        }

        if (!transfer.Chunked) c.Response.ContentLength = bytes.Length - from;
        var end = Math.Min(bytes.Length, from + transfer.CutAfter);
        await c.Response.Body.WriteAsync(bytes.AsMemory(from, end - from), c.RequestAborted);
        await c.Response.Body.FlushAsync(c.RequestAborted);
        if (transfer.Hold is { } hold)
        {
            await hold.WaitAsync(c.RequestAborted);
            await c.Response.Body.WriteAsync(bytes.AsMemory(end), c.RequestAborted);
            return;
        }

        // Ended early, the connection closes behind the bytes; aborted, it may take some of them with it.
        if (end < bytes.Length && transfer.Abrupt) c.Abort();
    }

    private void Note(HttpContext c, bool isContent) => Requests.Enqueue(new HubRequest(
        c.Request.Method, c.Request.Path.Value!, c.Request.Headers.Authorization.FirstOrDefault(), c.Request.Headers.Range.FirstOrDefault(), c.Request.Headers.IfRange.FirstOrDefault(), isContent));

    private static string FileOf(HttpContext c) => string.Join('/', c.Request.Path.Value!.Split('/').Skip(6));

    private static void Refuse(HttpContext c, int status, string code)
    {
        c.Response.StatusCode = status;
        c.Response.Headers["X-Error-Code"] = code;
    }
}

/// <summary>One request as it came.</summary>
public sealed record HubRequest(string Method, string Path, string? Authorization, string? Range, string? IfRange, bool IsContent);

/// <summary>What happens to one transfer.</summary>
/// <param name="CutAfter">Bytes after which the connection breaks off.</param>
/// <param name="Hold">Instead of the cut: no byte comes until it is completed, then the rest.</param>
/// <param name="Status">Answered instead.</param>
/// <param name="Abrupt">The cut resets the connection.</param>
public sealed record Transfer(
    int CutAfter = int.MaxValue / 2, bool IgnoresRange = false, Task? Hold = null, int? Status = null, string? RetryAfter = null, int RangeOffBy = 0, bool Chunked = false, bool Abrupt = false);

/// <summary>A file of the hub. What it says of itself can be made untrue.</summary>
public sealed class HubFile(string name, byte[] bytes, bool lfs)
{
    public string Name => name;
    public bool Lfs => lfs;
    public byte[] Bytes { get; set; } = bytes;
    public long Size { get; set; } = bytes.Length;

    /// <summary>Without quotes: sha256 of a large file, git's sha1 of a small one.</summary>
    public string Etag { get; set; } = lfs ? Sha256(bytes) : GitSha1(bytes);

    /// <summary>The etag of the content server, which is none of the hub's.</summary>
    public string? ContentEtag { get; set; } = "\"content-1\"";

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string GitSha1(byte[] bytes)
    {
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        sha1.AppendData(Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"));
        sha1.AppendData(bytes);
        return Convert.ToHexStringLower(sha1.GetHashAndReset());
    }
}
