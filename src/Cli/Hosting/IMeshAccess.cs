using System.CommandLine;
using AgentMesh.Agents;
using AgentMesh.Cli.Output;
using AgentMesh.Cli.Remote;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Cli.Hosting;

/// <summary>What commands work on: the mesh of this process, of another on this home, or of a server.</summary>
internal interface IMeshAccess : IAsyncDisposable
{
    IMesh Mesh { get; }
    IKnowledge Knowledge { get; }

    /// <summary>Who submits and decides, as the journal will say.</summary>
    string User { get; }

    /// <summary>Submits a goal with files, which are read where the mesh is.</summary>
    /// <param name="warn">Told what was odd about a file.</param>
    Task<GoalId> Submit(GoalSpec spec, IReadOnlyList<AttachedFile> files, Action<string> warn, CancellationToken ct);
}

/// <summary>Finds the mesh that a command is meant for.</summary>
internal static class MeshAccess
{
    private const string Option = "--server";

    public static Option<string?> Server() => new(Option)
    {
        Description = "Work on the mesh behind this URL instead of one in this process. Default: AGENTMESH_SERVER, the context in use (`agentmesh context`), or none.", Recursive = true, HelpName = "URL",
    };

    /// <summary>The server's mesh where one is given, else what <paramref name="own"/> opens.</summary>
    public static async Task<IMeshAccess> Open(ParseResult parsed, Terminal terminal, Func<Terminal, CancellationToken, Task<MeshHost>> own, CancellationToken ct) =>
        Remote(parsed, terminal) is { } remote ? remote : await own(terminal, ct);

    /// <summary>Null when no server is given.</summary>
    public static RemoteHost? Remote(ParseResult parsed, Terminal terminal) =>
        Server(parsed, terminal) is var (url, key) ? RemoteHost.Connect(url, key, terminal) : null;

    /// <summary>Whether a server is given.</summary>
    public static bool IsRemote(ParseResult parsed, Terminal terminal) => Server(parsed, terminal) is not null;

    /// <exception cref="CliException">No server is given.</exception>
    public static RemoteHost RequireRemote(ParseResult parsed, Terminal terminal) =>
        Remote(parsed, terminal) ?? throw new CliException("Keys are a server's: say which with --server URL, AGENTMESH_SERVER or `agentmesh context use NAME`.");

    private static (string Url, string? Key)? Server(ParseResult parsed, Terminal terminal)
    {
        var key = terminal.Environment("AGENTMESH_KEY") is { Length: > 0 } set ? set : null;
        // A key of a context goes to its own server and to no other.
        if ((parsed.GetValue<string?>(Option) ?? terminal.Environment("AGENTMESH_SERVER")) is { Length: > 0 } url) return (url, key);
        return new ServerContexts(terminal).Current() is { } context ? (context.Url, context.Key ?? key) : null;
    }
}
