using AgentMesh.Cli.Output;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>Logs go to stderr, one line each, from AGENTMESH_LOG (debug, information, warning, error, none) upwards. Default: error.</summary>
internal static class Logging
{
    /// <param name="also">Gets every line as well, of whatever level it wants; null for stderr alone.</param>
    public static ILoggerFactory Factory(Terminal terminal, ILoggerProvider? also = null)
    {
        var text = terminal.Environment("AGENTMESH_LOG") ?? "error";
        if (!Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level))
            throw new CliException($"AGENTMESH_LOG is {text}; it takes debug, information, warning, error or none.");
        return new LineLoggerFactory(terminal, level, also);
    }

    private sealed class LineLoggerFactory(Terminal terminal, LogLevel level, ILoggerProvider? also) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new LineLogger(terminal, level, categoryName[(categoryName.LastIndexOf('.') + 1)..], also?.CreateLogger(categoryName));

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This host logs to stderr only.");

        public void Dispose()
        {
        }
    }

    private sealed class LineLogger(Terminal terminal, LogLevel least, string category, ILogger? also) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => IsShown(level) || also?.IsEnabled(level) == true;

        private bool IsShown(LogLevel level) => level >= least && level != LogLevel.None;

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            also?.Log(level, eventId, state, exception, formatter);
            if (!IsShown(level)) return;
            var details = exception is null ? "" : least <= LogLevel.Debug ? $" {exception}" : $" ({exception.Message})";
            terminal.Err.WriteLine($"{terminal.Time.GetLocalNow():HH:mm:ss.fff} {level.ToString().ToLowerInvariant()} {category}: {EventLine.One(formatter(state, exception) + details, 2000)}");
        }
    }
}
