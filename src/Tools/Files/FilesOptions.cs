namespace AgentMesh.Tools.Files;

/// <summary>The folder that agents may read, and how much of it at once.</summary>
/// <param name="Root">An existing folder; nothing outside it is reachable, by symbolic links either.</param>
/// <param name="MaxFileBytes">Larger files are refused by read and left out by search.</param>
/// <param name="MaxCharacters">Most that one read returns.</param>
/// <param name="MaxEntries">Most files that one list returns or one search looks at.</param>
public sealed record FilesOptions(string Root, int MaxFileBytes = 5_000_000, int MaxCharacters = 100_000, int MaxEntries = 2_000);
