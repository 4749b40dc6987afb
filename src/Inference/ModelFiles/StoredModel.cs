namespace AgentMesh.Inference.ModelFiles;

/// <summary>A model in the cache.</summary>
/// <param name="Repo"><c>org/name</c>.</param>
/// <param name="File">The file's name there; of a split model, its first part's.</param>
/// <param name="Quant">What its name says of its weights; null when it says nothing.</param>
/// <param name="Bytes">Of all its parts.</param>
/// <param name="Parts">Files that are here.</param>
/// <param name="PartsExpected">Files that there are.</param>
/// <param name="UsedAt">When it was last read, as far as the file system keeps that.</param>
/// <param name="Path">Of its first part.</param>
/// <param name="Revision">The commit that it is from.</param>
public sealed record StoredModel(
    string Repo, string File, string? Quant, long Bytes, int Parts, int PartsExpected, DateTimeOffset UsedAt, string Path, string Revision)
{
    public bool IsComplete => Parts == PartsExpected;

    /// <summary>What names it and nothing else.</summary>
    public string Name => new ModelName.InRepo(Repo, null, File).ToString();
}
