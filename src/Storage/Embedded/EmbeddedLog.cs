using Microsoft.Extensions.Logging;

namespace AgentMesh.Storage.Embedded;

internal static partial class EmbeddedLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "PostgreSQL {Version} runs as process {ProcessId} in {Folder} (account: {Account}, {How}, {Milliseconds} ms)")]
    public static partial void Started(ILogger logger, string version, int processId, string folder, string account, string how, long milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL process {ProcessId} did not stop on SIG{Signal} within {Seconds} s")]
    public static partial void StopIsSlow(ILogger logger, int processId, string signal, int seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL process {ProcessId} is gone; starting it again")]
    public static partial void Gone(ILogger logger, int processId);

    [LoggerMessage(Level = LogLevel.Error, Message = "PostgreSQL could not be started again; next try in {Seconds} s")]
    public static partial void RestartFailed(ILogger logger, double seconds, Exception why);
}
