using AgentMesh.Grains.Upkeep;

namespace AgentMesh.Silo;

/// <summary>
/// Ends the process at once, with one line and an exit code, where nothing that it could still do would count: the cluster went on without it, or
/// Orleans itself is broken. In good order would be too late: a silo that was frozen or cut off has no goals any more.
/// </summary>
internal sealed class SuddenEnd : ISiloEnd, IFatalErrorHandler
{
    /// <summary>Exit code of a silo that the others declared dead. Whoever supervises it starts it again.</summary>
    public const int RetiredCode = 3;

    /// <summary>Exit code of a silo whose Orleans runtime failed.</summary>
    public const int BrokenCode = 4;

    /// <summary>How Orleans says that the members' table has this silo as dead; there is nothing but the words to tell it by.</summary>
    private const string ToldDead = "I have been told I am dead";

    private int ending;

    public void Retired(string reason) => End(
        RetiredCode, $"This silo is retired: the others declared it dead while it did not answer, and its goals go on at theirs. Start it again. ({OneLine(reason)})");

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        if (exception is null && context?.StartsWith(ToldDead, StringComparison.Ordinal) == true) Retired("it read so in the members' table");
        else End(BrokenCode, $"This silo cannot go on: {OneLine($"{context}: {exception?.Message}")}. Start it again.");
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private void End(int code, string line)
    {
        if (Interlocked.Exchange(ref ending, 1) != 0) return;
        Console.Error.WriteLine(line);
        Environment.Exit(code);
    }
}
