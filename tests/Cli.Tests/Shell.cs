using System.Text.Json;
using AgentMesh.Cli.Output;
using AgentMesh.Samples.TicketService;
using Microsoft.AspNetCore.Builder;

namespace AgentMesh.Cli.Tests;

/// <summary>What a command printed and answered.</summary>
internal sealed record Outcome(int Code, string Out, string Err)
{
    /// <summary>Stdout, which must be one JSON document and nothing else.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>The one line that stderr must be.</summary>
    public string Line => Assert.Single(Err.Split('\n', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A folder, a home in it and an environment: the commands of one person, in this process.</summary>
internal sealed class Shell : IAsyncDisposable
{
    public const string SupportGoal = "Answer this customer: classify the mail, find what our articles say, open a ticket and write a reply that quotes them";

    private WebApplication? tickets;

    private Shell(string folder) => Folder = folder;

    public string Folder { get; }
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <param name="server">Null for commands that need no database; they fail when they ask for one.</param>
    public static async Task<Shell> Open(Server? server = null)
    {
        var shell = new Shell(Directory.CreateTempSubdirectory("am-cli-").FullName);
        shell.Environment["AGENTMESH_HOME"] = shell.At("home");
        shell.Environment["AGENTMESH_USER"] = "tester";
        if (server is not null) shell.Environment["AGENTMESH_POSTGRES"] = await server.NewSchema();
        return shell;
    }

    public string At(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    public string Mail() => Write(
        "mail.eml",
        "From: Ada Weiss <ada@example.com>\nTo: support@example.com\nSubject: Charged twice in March\nContent-Type: text/plain; charset=utf-8\n\n" +
        "Hello,\nour card was charged twice for invoice 77 this month, account AC-48213. Please refund the second charge.\nAda Weiss\n");

    public string Articles()
    {
        Write("articles/charges.md", "# I was charged twice\n\nA second charge for the same invoice is refunded within five working days.\n");
        Write("articles/passwords.md", "# Reset your password\n\nChoose Forgot password on the sign-in page and follow the mail.\n");
        return At("articles");
    }

    /// <summary>Starts the real ticket service and configures it.</summary>
    /// <param name="onRequest">Called before each request is handled.</param>
    public async Task StartTickets(Action? onRequest = null)
    {
        tickets = TicketServiceHost.Build(new TicketServiceOptions { Urls = "http://127.0.0.1:0", LogFile = At("tickets.jsonl") }, TimeProvider.System);
        tickets.Use((_, next) =>
        {
            onRequest?.Invoke();
            return next();
        });
        await tickets.StartAsync();
        Environment["AGENTMESH_TICKETS_URL"] = tickets.Urls.First();
    }

    /// <summary>Tickets that were created, from the service's own log.</summary>
    public int Tickets => File.ReadAllLines(At("tickets.jsonl")).Count(l => JsonDocument.Parse(l).RootElement.GetProperty("outcome").GetString() == "created");

    public Task<Outcome> Run(params string[] args) => Run(TestContext.Current.CancellationToken, args);

    public async Task<Outcome> Run(CancellationToken ct, params string[] args)
    {
        using StringWriter output = new(), error = new();
        var terminal = Terminal.Plain(TextWriter.Synchronized(output), TextWriter.Synchronized(error), TextReader.Null, name => Environment.GetValueOrDefault(name));
        var code = await Application.Run(args, terminal, ct);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    public Task<Outcome> Support(params string[] more) => Run(["run", SupportGoal, "--attach", Mail(), "--knowledge", Articles(), .. more]);

    public async ValueTask DisposeAsync()
    {
        if (tickets is not null) await tickets.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
