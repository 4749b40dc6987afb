namespace AgentMesh.Tools.Http;

/// <param name="Allow">Hosts that may be fetched from.</param>
/// <param name="MaxBytes">Most bytes of a page, after decompression; a longer one is refused.</param>
/// <param name="MaxCharacters">Most characters of text that are returned; the rest is cut off and said so.</param>
/// <param name="Timeout">For one fetch with all its redirects.</param>
public sealed record HttpFetchOptions(HostAllowList Allow, int MaxBytes = 5_000_000, int MaxCharacters = 100_000, TimeSpan? Timeout = null);
