using AgentMesh.Contracts;

namespace AgentMesh.Cli;

/// <summary>What the process answers to its caller. Documented in the README; scripts rely on it.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Something in AgentMesh or below it broke.</summary>
    public const int Broken = 1;

    /// <summary>The command cannot be carried out as given.</summary>
    public const int Usage = 2;

    /// <summary>The goal waits for a person.</summary>
    public const int Waiting = 3;
    public const int Failed = 4;
    public const int Cancelled = 5;

    /// <summary>Whoever read the output is gone, as with `… | head`: what a shell calls the end by SIGPIPE.</summary>
    public const int PipeGone = 141;

    /// <summary>The system's EPIPE.</summary>
    internal const int BrokenPipe = 32;

    public static int Of(GoalStatus status) => status switch
    {
        GoalStatus.Completed => Done,
        GoalStatus.Waiting => Waiting,
        GoalStatus.Failed => Failed,
        GoalStatus.Cancelled => Cancelled,
        _ => Done,
    };
}

/// <summary>Ends the command with one line on stderr.</summary>
public sealed class CliException(string message, int exitCode = ExitCodes.Usage, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
