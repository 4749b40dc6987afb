namespace AgentMesh.Inference.ModelFiles;

/// <summary>What a pull tells whoever watches it, in order.</summary>
public abstract record PullEvent
{
    private PullEvent()
    {
    }

    /// <summary>A file's bytes are about to come.</summary>
    /// <param name="Have">Bytes that are here already.</param>
    public sealed record Began(string File, long Size, long Have) : PullEvent;

    /// <summary>Bytes of it that are here now; fewer than before when it had to begin again.</summary>
    public sealed record Moved(long Have) : PullEvent;

    /// <summary>A failure that may pass; the next attempt follows.</summary>
    public sealed record Retries(string Why, TimeSpan After) : PullEvent;

    /// <summary>Another process pulls the same file; this one waits for it.</summary>
    public sealed record Waits(string File) : PullEvent;

    /// <summary>The file is whole, and checked where its server says its hash.</summary>
    /// <param name="Verified">What it was checked by besides its size: <c>sha256</c>, <c>git sha1</c>, or null.</param>
    public sealed record Done(string File, long Size, string? Verified) : PullEvent;

    /// <summary>The file was here already.</summary>
    public sealed record Present(string File, long Size) : PullEvent;
}

/// <summary>How patient a pull is.</summary>
public sealed record PullOptions
{
    /// <summary>Failures in a row after which it gives up; one that brought a mebibyte or more does not count. Default: 8.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>The first wait; each further one is twice as long, up to 30 s. Default: 500 ms.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Silence of a server after which a connection counts as cut. Default: 30 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait that a server may ask for. Default: 5 min.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Free bytes where a folder is. Default: asks the file system.</summary>
    public Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;
}
