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
        Description = "Work on the mesh behind this URL instead of one in this process. Default: AGENTMESH_SERVER, or none.", Recursive = true, HelpName = "URL",
    };

    /// <summary>The server's mesh where one is given, else what <paramref name="own"/> opens.</summary>
    public static async Task<IMeshAccess> Open(ParseResult parsed, Terminal terminal, Func<Terminal, CancellationToken, Task<MeshHost>> own, CancellationToken ct) =>
        Remote(parsed, terminal) is { } remote ? remote : await own(terminal, ct);

    /// <summary>Null when no server is given.</summary>
    public static RemoteHost? Remote(ParseResult parsed, Terminal terminal) => Url(parsed, terminal) is { } url ? RemoteHost.Connect(url, terminal) : null;

    /// <summary>Whether a server is given.</summary>
    public static bool IsRemote(ParseResult parsed, Terminal terminal) => Url(parsed, terminal) is not null;

    private static string? Url(ParseResult parsed, Terminal terminal) =>
        (parsed.GetValue<string?>(Option) ?? terminal.Environment("AGENTMESH_SERVER")) is { Length: > 0 } url ? url : null;
}
