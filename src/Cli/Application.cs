using System.CommandLine;
using AgentMesh.Agents;
using AgentMesh.Catalog;
using AgentMesh.Cli.Commands;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Inference;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using AgentMesh.Tools;

namespace AgentMesh.Cli;

/// <summary>From the arguments to the exit code. Whatever goes wrong ends as one line on stderr.</summary>
public static class Application
{
    public static async Task<int> Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken ct = default)
    {
        // @FILE is an option's value here (--arguments @FILE), no file of further arguments.
        var parsed = CommandTree.Build(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            terminal.Error(string.Join(" ", parsed.Errors.Select(e => e.Message)) + " Try --help.");
            return ExitCodes.Usage;
        }

        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var onInterrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGINT, c => Stop(c, interrupt));
        using var onTerminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, c => Stop(c, interrupt));
        try
        {
            // The command handles errors and signals itself, so that both end in the documented codes.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = terminal.Out, Error = terminal.Err };
            return await parsed.InvokeAsync(configuration, interrupt.Token);
        }
        catch (IOException e) when (e.HResult == ExitCodes.BrokenPipe)
        {
            // Nobody reads on: no error of ours, and nobody to tell.
            return ExitCodes.PipeGone;
        }
        catch (Exception e)
        {
            var (message, code) = Explain(e, interrupt.IsCancellationRequested);
            terminal.Error(message);
            return code;
        }
    }

    private static void Stop(System.Runtime.InteropServices.PosixSignalContext context, CancellationTokenSource interrupt)
    {
        if (interrupt.IsCancellationRequested) return; // A second signal ends the process at once.
        context.Cancel = true;
        interrupt.Cancel();
    }

    private static (string Message, int Code) Explain(Exception e, bool interrupted) => e switch
    {
        CliException known => (known.Message, known.ExitCode),
        OperationCanceledException when interrupted => ("Interrupted. Nothing is lost: `agentmesh goal resume` goes on where it stopped.", 130),
        MeshException { Code: "journal-unavailable" or "store-unavailable" or "cluster-unavailable" or "model-unavailable" or "overloaded" or "rate-exceeded" or "streams-too-many" or "broken" } known => (known.Message, ExitCodes.Broken),
        MeshException known => (known.Message, ExitCodes.Usage),
        UnreadableAttachmentException or FormatException => (e.Message, ExitCodes.Usage),
        ToolsConfigurationException or ModelOptionsException or CatalogueException => (e.Message, ExitCodes.Usage),
        ModelFileException known => (known.Message, known.Fault == ModelFileFault.Asked ? ExitCodes.Usage : ExitCodes.Broken),
        HomeInUseException => (e.Message, ExitCodes.Usage),
        StorageException or JournalUnavailableException => (e.Message, ExitCodes.Broken),
        IOException or UnauthorizedAccessException => (e.Message, ExitCodes.Broken),
        _ => ($"{e.GetType().Name}: {e.Message} (set AGENTMESH_LOG=debug for the details)", ExitCodes.Broken),
    };
}
