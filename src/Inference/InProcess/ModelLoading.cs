namespace AgentMesh.Inference.InProcess;

/// <summary>How far a model's loading is.</summary>
/// <param name="Model">What requests call it.</param>
public abstract record ModelLoading(string Model)
{
    /// <summary>A file that was not loaded before is tried in a child process first, which takes as long again.</summary>
    /// <param name="Bytes">Of the file.</param>
    public sealed record Began(string Model, long Bytes) : ModelLoading(Model);

    /// <param name="Share">0 to 1.</param>
    public sealed record Moved(string Model, float Share) : ModelLoading(Model);

    /// <param name="Description">Architecture, size and quantization in a few words.</param>
    /// <param name="Cells">Tokens of context; 0 for an embedding model.</param>
    public sealed record Done(string Model, string Description, string Device, int Cells, TimeSpan Took) : ModelLoading(Model);
}
