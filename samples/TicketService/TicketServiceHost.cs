namespace AgentMesh.Samples.TicketService;

/// <summary>Puts log, store and endpoints together.</summary>
public static partial class TicketServiceHost
{
    private const long MaxBodyBytes = 1024 * 1024;

    /// <summary>Opens the log and returns an application that is ready to start; disposing it closes the log.</summary>
    /// <exception cref="IOException">The log is held by another service, or the port file cannot be replaced.</exception>
    /// <exception cref="InvalidDataException">The log is damaged.</exception>
    public static WebApplication Build(TicketServiceOptions options, TimeProvider time)
    {
        // A file left by a killed predecessor would send callers to a port that nobody listens on.
        if (options.PortFile is { } stale && File.Exists(stale))
            File.Delete(stale);

        var log = TicketLog.Open(options.LogFile);
        try
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls(options.Urls);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxBodyBytes);
            builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
            // It logs a failed start with its stack; Program says the same in one sentence.
            builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
            builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = problem =>
            {
                if (problem.Exception is IOException)
                    problem.ProblemDetails.Detail = "The log cannot be written, so nothing was created. Make room on its disk and send the request again.";
            });
            // Made by a factory, so that the container owns and closes it.
            builder.Services.AddSingleton(_ => log);

            var app = builder.Build();
            _ = app.Services.GetRequiredService<TicketLog>();
            app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = StatusOf });
            app.UseStatusCodePages();
            var store = new TicketStore(log, time, options.Delay);
            app.MapTickets(store);
            app.Lifetime.ApplicationStarted.Register(() => Announce(app, options, store.All().Count));
            return app;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    // The disk being full or away is our trouble and may pass: 503 tells the caller to try again.
    private static int StatusOf(Exception e) => e is IOException ? 503 : 500;

    private static void Announce(WebApplication app, TicketServiceOptions options, int tickets)
    {
        var url = app.Urls.First();
        if (options.PortFile is { } file)
        {
            // Renamed into place, so that whoever waits for the file never reads half of it.
            var full = Path.GetFullPath(file);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full + ".new", url + "\n");
            File.Move(full + ".new", full, overwrite: true);
        }

        // Last, so that whoever reads this line finds the file in place.
        Listening(app.Logger, url, options.LogFile, tickets);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Url}; log {LogFile} holds {Tickets} tickets")]
    private static partial void Listening(ILogger logger, string url, string logFile, int tickets);
}
