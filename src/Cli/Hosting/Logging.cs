using AgentMesh.Cli.Output;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>Logs go to stderr, one line each, from AGENTMESH_LOG (debug, information, warning, error, none) upwards. Default: error.</summary>
internal static class Logging
{
    public static ILoggerFactory Factory(Terminal terminal)
    {
        var text = terminal.Environment("AGENTMESH_LOG") ?? "error";
        if (!Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level))
            throw new CliException($"AGENTMESH_LOG is {text}; it takes debug, information, warning, error or none.");
        return new LineLoggerFactory(terminal, level);
    }

    private sealed class LineLoggerFactory(Terminal terminal, LogLevel level) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new LineLogger(terminal, level, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This host logs to stderr only.");

        public void Dispose()
        {
        }
    }

    private sealed class LineLogger(Terminal terminal, LogLevel least, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => level >= least && level != LogLevel.None;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(level)) return;
            var details = exception is null ? "" : least <= LogLevel.Debug ? $" {exception}" : $" ({exception.Message})";
            terminal.Err.WriteLine($"{terminal.Time.GetLocalNow():HH:mm:ss.fff} {level.ToString().ToLowerInvariant()} {category}: {EventLine.One(formatter(state, exception) + details, 2000)}");
        }
    }
}
