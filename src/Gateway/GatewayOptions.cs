using AgentMesh.Contracts;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Gateway;

/// <summary>Bounds of the HTTP face. Every default works.</summary>
public sealed record GatewayOptions
{
    /// <summary>Largest body of a submit in bytes, attachments included: 25 MB of files fit as base64, too.</summary>
    public int MaxSubmitBytes { get; init; } = 40 * 1024 * 1024;

    /// <summary>Largest body of a document for the knowledge base, in bytes.</summary>
    public int MaxDocumentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest body of any other request, in bytes.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;
    public int MaxAttachments { get; init; } = 32;

    /// <summary>A quiet event stream says this often that it is alive, so that no proxy closes it.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A client that takes nothing of an event stream for so long is dropped.</summary>
    public TimeSpan SlowReader { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Event streams that may be open at once, of all clients together.</summary>
    public int MaxStreams { get; init; } = 10_000;

    /// <summary>How often the list of approvals is looked at for those who follow it.</summary>
    public TimeSpan ApprovalsEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest value of an artifact that is shown within JSON, in bytes; larger ones are for the download.</summary>
    public int MaxShownBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long <c>wait</c> waits where the request does not say, and at most.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Folder of the dashboard's built files; null looks in <c>dashboard</c> beside the program, then in the checkout that it was built from.</summary>
    public string? Dashboard { get; init; }

    /// <summary>How callers are known. Default: by keys.</summary>
    public AuthOptions Auth { get; init; } = new();

    /// <summary>How much one key, or one tenant, may ask for.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>The largest body of a protocol in which everything comes at one address: whoever may not submit has nothing large to send.</summary>
    internal int MaxBytesOf(Caller caller) => caller.IsAny([CallerRole.Submitter]) ? MaxSubmitBytes : MaxBodyBytes;

    /// <summary>Tells the host's exceptions of a store that is away: they are answered with 503 and may be tried again.</summary>
    public Func<Exception, bool> IsOutage { get; init; } = static _ => false;
}
