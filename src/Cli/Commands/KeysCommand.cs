using System.CommandLine;
using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh keys create|ls|revoke|generate</c>: who may call a server.</summary>
internal static class KeysCommand
{
    private static readonly string[] RoleNames = [.. Enum.GetNames<CallerRole>().Select(n => n.ToLowerInvariant())];

    public static Command Build(Terminal terminal) => new("keys", "Make, list and revoke the API keys of a server, as one of its admins.")
    {
        Create(terminal), List(terminal), Revoke(terminal), Generate(terminal),
    };

    private static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "Who uses it, as the journal and the audit log will say." };
        var roles = new Option<string[]>("--role") { Description = $"What it may do; may be given more than once: {string.Join(", ", RoleNames)}.", Required = true, AllowMultipleArgumentsPerToken = true };
        roles.AcceptOnlyFromAmong(RoleNames);
        var tenant = new Option<string?>("--tenant") { Description = "Whose goals it is for. Default: your own tenant." };
        var expires = new Option<string?>("--expires") { Description = "How long it lasts: 90d, 12h. Default: until it is revoked." };
        var output = CommonOptions.Output();
        var command = new Command("create", "Makes a key and prints it, this once.") { name, roles, tenant, expires, output }
            .WithExamples("agentmesh keys create ann --role submitter --role approver --tenant acme --expires 90d", "agentmesh keys create ci --role submitter > ci.key");
        command.SetAction(async (parsed, ct) =>
        {
            var end = parsed.GetValue(expires) is not { } text ? (DateTimeOffset?)null
                : terminal.Time.GetUtcNow() + (CommonOptions.Duration(text) ?? throw new CliException($"--expires {EventLine.One(text, 40)} is no time span; it takes 90d, 12h, …."));
            await using var server = MeshAccess.RequireRemote(parsed, terminal);
            var request = new KeyRequest(parsed.GetValue(name)!, [.. parsed.GetValue(roles)!.Select(r => Enum.Parse<CallerRole>(r, ignoreCase: true))], parsed.GetValue(tenant), end);
            var made = await server.Keys.Create(request, ct);
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(made, CliJson.Pretty.KeyMade));
                return ExitCodes.Done;
            }

            // The key alone on stdout, so that it can go into a file.
            terminal.Err.WriteLine($"Key {made.Key.Id} of {made.Key.Name} in tenant {made.Key.Tenant}. It is shown this once; its holder sets AGENTMESH_KEY to it:");
            terminal.Out.WriteLine(made.Secret);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant's." };
        var output = CommonOptions.Output();
        var command = new Command("ls", "The keys that were made, the newest first; never their secrets.") { tenant, output }.WithExamples("agentmesh keys ls --tenant acme");
        command.SetAction(async (parsed, ct) =>
        {
            await using var server = MeshAccess.RequireRemote(parsed, terminal);
            var keys = await server.Keys.List(parsed.GetValue(tenant), ct);
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(keys, CliJson.Pretty.IReadOnlyListKeyView));
                return ExitCodes.Done;
            }

            if (keys.Count == 0)
            {
                terminal.Out.WriteLine("No keys. `agentmesh keys create NAME --role submitter` makes one.");
                return ExitCodes.Done;
            }

            var now = terminal.Time.GetUtcNow();
            var table = new TextTable("key", "tenant", "name", "roles", "state", "used");
            foreach (var key in keys)
            {
                var state = key.RevokedAt is not null ? "revoked" : key.ExpiresAt is not { } end ? "valid" : end <= now ? "expired" : $"until {end.UtcDateTime:yyyy-MM-dd HH:mm}";
                table.Add(
                    key.Id, EventLine.One(key.Tenant, 40), EventLine.One(key.Name, 40), string.Join(' ', key.Roles.Select(r => r.ToString().ToLowerInvariant())), state,
                    key.LastUsedAt is { } used ? Tables.Age(now - used) : "never");
            }

            table.Write(terminal);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Revoke(Terminal terminal)
    {
        var id = new Argument<string>("key") { Description = "Its id, as `keys ls` shows it." };
        var command = new Command("revoke", "Ends a key: at once at the server that is asked, within ten seconds at the others of its cluster.") { id }.WithExamples("agentmesh keys revoke 7k2m9xw0q4tz");
        command.SetAction(async (parsed, ct) =>
        {
            await using var server = MeshAccess.RequireRemote(parsed, terminal);
            await server.Keys.Revoke(parsed.GetValue(id)!, ct);
            terminal.Out.WriteLine($"{EventLine.One(parsed.GetValue(id)!, 80)} is revoked.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Generate(Terminal terminal)
    {
        var command = new Command("generate", "Prints a new key that no server knows yet: for AGENTMESH_ADMIN_KEY.").WithExamples("agentmesh keys generate > admin.key");
        command.SetAction((_, _) =>
        {
            terminal.Out.WriteLine(ApiKey.New().Text);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }
}
