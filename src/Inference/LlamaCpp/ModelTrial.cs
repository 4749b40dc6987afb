using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using AgentMesh.Inference.Gguf;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>
/// Loads a model file in a child process before this one does. llama.cpp ends the process on what it holds for impossible, and a file that is well formed can still
/// ask for the impossible; then it is the child that ends. A file that passed is not tried again until it changes.
/// </summary>
/// <param name="cache">A folder for the verdicts of former processes; null keeps them in memory only.</param>
internal sealed class ModelTrial(string? cache)
{
    private const string Program = "AgentMesh.ModelProbe";
    private const int MostLines = 1000;
    private const int LongestLine = 1000;

    /// <summary>Seconds are enough; but a busy machine must not have a good file refused. A file gets more by its size, as a slow disk reads it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private const double BytesPerSecond = 25e6;
    private readonly ConcurrentDictionary<string, string> _verdicts = new(StringComparer.Ordinal);

    public static ModelTrial Shared { get; } = new(DefaultCache());

    /// <summary>Children that were started: a test counts them.</summary>
    public int Started { get; private set; }

    /// <exception cref="LlamaException">The library refused the file, or it broke the child; the message says how.</exception>
    public void Check(LlamaLibrary library, GgufFile file, CancellationToken ct)
    {
        var key = Key(library, file);
        var verdict = _verdicts.GetOrAdd(key, k => Stored(k) ?? Try(library, file, k, ct));
        if (verdict.Length > 0) throw new LlamaException(verdict);
    }

    /// <summary>The same path, length and time of change are the same file; another version of the library may judge otherwise.</summary>
    private static string Key(LlamaLibrary library, GgufFile file) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{library.Version}\n{file.Path}\n{file.Length}\n{file.Written.Ticks}")));

    private static string? DefaultCache()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length == 0 ? null : Path.Combine(home, "agentmesh", "model-trials");
    }

    /// <summary>Only passes are kept beyond the process: a failure may be the machine's, and trying again is cheap.</summary>
    private string? Stored(string key) => cache is not null && File.Exists(Path.Combine(cache, key)) ? "" : null;

    private string Try(LlamaLibrary library, GgufFile file, string key, CancellationToken ct)
    {
        Started++;
        var (code, lines) = Run([library.Folder, file.Path], Patience + TimeSpan.FromSeconds(file.Length / BytesPerSecond), ct);
        if (code == 0) return Store(key);
        return code == ModelProbe.Refused && lines is [var reason, ..]
            ? reason
            : $"llama.cpp breaks on {file.Path} (the trial's process ended with {code}); the file is damaged or hostile, and was not loaded.";
    }

    private string Store(string key)
    {
        try
        {
            if (cache is not null) File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(cache).FullName, key), []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next process tries the file again; nothing else is lost.
        }

        return "";
    }

    /// <returns>The exit code, and a line for each file that the child came through with: why it cannot be used, or nothing.</returns>
    /// <exception cref="LlamaException">It did not come to an end.</exception>
    internal static (int Code, IReadOnlyList<string> Lines) Run(IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken ct)
    {
        using var child = Start(arguments);
        using var killing = ct.Register(() => child.Kill());
        var lines = new List<string>();
        child.ErrorDataReceived += (_, _) => { };
        child.OutputDataReceived += (_, line) => { if (line.Data is { } text && lines.Count < MostLines) lines.Add(text.Length > LongestLine ? text[..LongestLine] : text); };
        child.BeginErrorReadLine();
        child.BeginOutputReadLine();
        if (!child.WaitForExit(limit))
        {
            child.Kill();
            child.WaitForExit();
            ct.ThrowIfCancellationRequested();
            throw new LlamaException($"llama.cpp did not come to an end with {arguments[^1]} within {limit.TotalSeconds:0} s; the file was not loaded. Try again on a machine that is less busy.");
        }

        // Once more, for what it wrote last.
        child.WaitForExit();
        ct.ThrowIfCancellationRequested();
        return (child.ExitCode, lines);
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, Program);
        // As this program runs: by the dotnet command, or by its own executable, which finds the runtime as ours did.
        var dotnet = Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : null;
        if (!File.Exists(program + ".dll")) throw new LlamaException($"{Program} is missing beside this program, so model files cannot be tried before they are loaded. Install the program anew.");
        var start = new ProcessStartInfo(dotnet ?? (OperatingSystem.IsWindows() ? program + ".exe" : program))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (dotnet is not null) start.ArgumentList.Add(program + ".dll");
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // ggml would start a debugger to print where it gave up.
        start.Environment["GGML_NO_BACKTRACE"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return Process.Start(start) ?? throw new LlamaException($"{Program} could not be started.");
    }
}
