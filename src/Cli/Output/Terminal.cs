using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>Where a command reads and writes: the real terminal, or what a test hands in.</summary>
public sealed class Terminal
{
    public required TextWriter Out { get; init; }
    public required TextWriter Err { get; init; }
    public required TextReader In { get; init; }

    /// <summary>Styled output to <see cref="Out"/>; without colour where it is redirected or NO_COLOR is set.</summary>
    public required IAnsiConsole Console { get; init; }

    /// <summary>Styled progress to <see cref="Err"/>, so that results can be piped.</summary>
    public required IAnsiConsole Progress { get; init; }

    /// <summary>True when a person sits in front of it: live views and prompts make sense.</summary>
    public required bool IsInteractive { get; init; }
    public required Func<string, string?> Environment { get; init; }
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The same with another value of one setting.</summary>
    public Terminal With(string setting, string value) => new()
    {
        Out = Out, Err = Err, In = In, Console = Console, Progress = Progress, IsInteractive = IsInteractive, Time = Time,
        Environment = name => name == setting ? value : Environment(name),
    };

    /// <summary>One line on <see cref="Err"/>, whatever the message holds.</summary>
    public void Error(string message) =>
        Err.WriteLine($"agentmesh: {PlainText.Line(message)}");

    public static Terminal Standard()
    {
        var plain = !string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR"));
        var output = Output();
        return new Terminal
        {
            Out = output,
            Err = System.Console.Error,
            In = System.Console.In,
            Console = Styled(output, System.Console.IsOutputRedirected, plain),
            Progress = Styled(System.Console.Error, System.Console.IsErrorRedirected, plain),
            IsInteractive = !System.Console.IsOutputRedirected && !System.Console.IsErrorRedirected && !System.Console.IsInputRedirected
                && System.Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
            Environment = System.Environment.GetEnvironmentVariable,
        };
    }

    /// <summary>A terminal over plain writers, for tests and pipes.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error, TextReader input, Func<string, string?> environment) => new()
    {
        Out = output, Err = error, In = input, Console = Styled(output, redirected: true, plain: true), Progress = Styled(error, redirected: true, plain: true),
        IsInteractive = false, Environment = environment,
    };

    /// <summary>The runtime's own stream says nothing when the reader of a pipe is gone; `… | head` would go on unseen.</summary>
    private static TextWriter Output()
    {
        if (!System.Console.IsOutputRedirected || OperatingSystem.IsWindows()) return System.Console.Out;
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        // Into a file it would write where it believes to be, over what others append.
        return stream.CanSeek ? System.Console.Out : TextWriter.Synchronized(new StreamWriter(stream) { AutoFlush = true });
    }

    private static IAnsiConsole Styled(TextWriter writer, bool redirected, bool plain)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        // Redirected output has no width: wrapping there would only break what others parse.
        if (redirected) console.Profile.Width = 100_000;
        return console;
    }
}
