using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AgentMesh.Samples.TicketService;

/// <summary>What the command line says. Only the command line is read: an environment variable named LOG must not move the log.</summary>
public sealed record TicketServiceOptions
{
    public const string Help = """
        Usage: TicketService [--urls URL] [--log FILE] [--port-file FILE] [--delay-ms N]

          --urls URL        address to listen on; port 0 picks a free one (default http://127.0.0.1:5080)
          --log FILE        durable log, one JSON line per received request (default .agentmesh/tickets.jsonl)
          --port-file FILE  write the bound URL to FILE once listening
          --delay-ms N      hold each new ticket for N ms between claiming its key and creating it (for tests)
        """;

    public string Urls { get; init; } = "http://127.0.0.1:5080";

    public string LogFile { get; init; } = Path.Combine(".agentmesh", "tickets.jsonl");

    public string? PortFile { get; init; }

    /// <summary>Time between claiming a key and creating its ticket, in which the key counts as in flight.</summary>
    public TimeSpan Delay { get; init; }

    public static bool TryParse(
        IReadOnlyList<string> args, [NotNullWhen(true)] out TicketServiceOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        var parsed = new TicketServiceOptions();
        for (var i = 0; i < args.Count; i++)
        {
            // Both spellings are common: "--log FILE" and "--log=FILE".
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            var value = equals >= 0 ? args[i][(equals + 1)..] : i + 1 < args.Count ? args[++i] : "";
            if (value.Length == 0)
            {
                error = $"{name} needs a value. See --help.";
                return false;
            }

            switch (name)
            {
                case "--urls" when Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http":
                    parsed = parsed with { Urls = value };
                    break;
                case "--urls":
                    error = $"--urls needs an address like http://127.0.0.1:5080, not \"{value}\".";
                    return false;
                case "--log": parsed = parsed with { LogFile = value }; break;
                case "--port-file": parsed = parsed with { PortFile = value }; break;
                case "--delay-ms" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var ms):
                    parsed = parsed with { Delay = TimeSpan.FromMilliseconds(ms) };
                    break;
                case "--delay-ms":
                    error = $"--delay-ms needs a whole number of milliseconds, not \"{value}\".";
                    return false;
                default:
                    error = $"Unknown option {name}. See --help.";
                    return false;
            }
        }

        options = parsed;
        error = null;
        return true;
    }
}
