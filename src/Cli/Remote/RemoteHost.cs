using System.Net.Http.Headers;
using AgentMesh.Agents;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Cli.Remote;

/// <summary>A server's mesh, for the same commands that work on the mesh of this process.</summary>
internal sealed class RemoteHost : IMeshAccess
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private readonly ServerClient server;
    private readonly HttpMesh mesh;

    private RemoteHost(Uri url, string? key, Terminal terminal)
    {
        var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, AutomaticDecompression = System.Net.DecompressionMethods.All })
        {
            // Each request has its own limit, by what it carries.
            BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null) http.DefaultRequestHeaders.Authorization = Bearer(key, "AGENTMESH_KEY");
        // A live view redraws itself: a line between would tear it.
        server = new ServerClient(url, http, terminal.Time, terminal.IsInteractive ? static _ => { } : terminal.Error);
        mesh = new HttpMesh(server, new TimeOrderedGoalIds(terminal.Time), terminal.Time);
        (Knowledge, Operations, Keys, User) = (new HttpKnowledge(server), new HttpOperations(server), new HttpKeys(server), MeshHost.UserOf(terminal));
    }

    public IMesh Mesh => mesh;
    public IKnowledge Knowledge { get; }
    public IOperations Operations { get; }
    public HttpKeys Keys { get; }
    public string User { get; }
    public Uri Url => server.Url;

    /// <exception cref="CliException">The text is no URL of a server.</exception>
    /// <param name="key">The API key; null for a server that asks nobody who they are.</param>
    public static RemoteHost Connect(string text, string? key, Terminal terminal) => new(Address(text), key, terminal);

    /// <exception cref="CliException">The text is no URL of a server.</exception>
    public static Uri Address(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.UserInfo.Length > 0)
            throw new CliException($"The server {EventLine.One(text, 80)} is no URL. --server (or AGENTMESH_SERVER) takes one such as http://127.0.0.1:8080.");
        return url.AbsolutePath.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
    }

    /// <exception cref="CliException">It cannot be sent.</exception>
    public static AuthenticationHeaderValue Bearer(string key, string source) => key.Length > 0 && !key.Any(c => c is <= ' ' or > '~') ? new AuthenticationHeaderValue("Bearer", key)
        : throw new CliException($"{source} holds no key: it is empty, or has blanks, line breaks or letters that no key has.");

    public Task<GoalId> Submit(GoalSpec spec, IReadOnlyList<AttachedFile> files, Action<string> warn, CancellationToken ct) => mesh.Submit(spec, files, warn, null, ct);

    public Task<IReadOnlyList<RoleDescriptor>> Roles(CancellationToken ct) => server.Get("v1/roles", MeshJson.Default.IReadOnlyListRoleDescriptor, ct);

    public Task<IReadOnlyList<ToolDescriptor>> Tools(CancellationToken ct) => server.Get("v1/tools", MeshJson.Default.IReadOnlyListToolDescriptor, ct);

    public Task<IReadOnlyList<Playbook>> Playbooks(CancellationToken ct) => server.Get("v1/playbooks", MeshJson.Default.IReadOnlyListPlaybook, ct);

    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }
}
