using System.Net.Http.Headers;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>A file as its server describes it.</summary>
/// <param name="Url">Where to get it; of a hub's file, with the commit in it.</param>
/// <param name="Name">Its path within the repository.</param>
/// <param name="Etag">The blob's name; also the name of its part.</param>
/// <param name="Commit">Null outside a hub, until one is made up.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Validator">What the server that has the bytes calls this version; null when it is not known, or weak.</param>
internal sealed record RemoteFile(Uri Url, string Name, string Etag, Promise Promise, long Size, string? Commit, Validator? Validator)
{
    /// <summary>Without a hash or a version, what is here need not be the beginning of what would come.</summary>
    public bool IsResumable => Promise != Promise.None || Validator is not null;
}

/// <summary>An etag means something to the server that gave it, and to no other.</summary>
internal sealed record Validator(Uri Host, EntityTagHeaderValue Tag)
{
    public static Validator? Of(HttpResponseMessage answer, Uri from) => answer.Headers.ETag is { IsWeak: false } tag ? new(from, tag) : null;
}
