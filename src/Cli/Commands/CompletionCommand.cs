using System.CommandLine;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Commands;

/// <summary>Prints a shell's completion script; the words themselves come from the <c>[suggest]</c> directive of the parser.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _agentmesh() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(agentmesh "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
          [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _agentmesh agentmesh
        """;

    private const string Zsh = """
        #compdef agentmesh
        _agentmesh() {
          local -a words_found
          words_found=("${(@f)$(agentmesh "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a words_found || _files
        }
        compdef _agentmesh agentmesh
        """;

    private const string Fish = """
        complete -c agentmesh -a '(agentmesh "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Build(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." }.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script for your shell.") { shell }
            .WithExamples("source <(agentmesh completion bash)", "agentmesh completion fish > ~/.config/fish/completions/agentmesh.fish");
        command.SetAction(parsed =>
        {
            terminal.Out.WriteLine(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCodes.Done;
        });
        return command;
    }
}
