namespace AgentMesh.Inference.ModelFiles;

/// <summary>Whose turn it is when a model file cannot be had.</summary>
public enum ModelFileFault
{
    /// <summary>What was asked for cannot be: a name that nobody knows, a choice to make, terms to accept, a setting.</summary>
    Asked,

    /// <summary>It should have worked: the network, the disk, or a server that does not keep its word.</summary>
    Broken,
}

/// <summary>A model file cannot be had, kept, removed or loaded. The message is one line for a person and says what to do.</summary>
public sealed class ModelFileException(ModelFileFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ModelFileFault Fault { get; } = fault;

    internal static ModelFileException Asked(string message, Exception? inner = null) => new(ModelFileFault.Asked, message, inner);

    internal static ModelFileException Broken(string message, Exception? inner = null) => new(ModelFileFault.Broken, message, inner);
}

/// <summary>May pass by itself: a connection that was cut, a server that is busy.</summary>
internal sealed class PassingException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The server's file is another one than when we asked what it is.</summary>
internal sealed class ChangedException(string message) : Exception(message);
