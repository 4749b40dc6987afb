using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>
/// What llama.cpp and ggml say goes to a log, line by line. Errors are kept for the thread that caused them, to give reasons in exceptions.
/// The text is about models and devices; prompts and answers are never in it.
/// </summary>
internal static unsafe partial class NativeLog
{
    private const int MostKept = 8;
    private static ILogger? s_log;

    /// <summary>llama.cpp loads a model's tensors and makes its complaints on the calling thread.</summary>
    [ThreadStatic] private static List<string>? t_errors;
    [ThreadStatic] private static StringBuilder? t_line;
    [ThreadStatic] private static int t_level;

    public static void Start(ILogger? log)
    {
        s_log = log;
        NativeMethods.LogSet(&Receive, null);
    }

    public static void Forget() => t_errors?.Clear();

    /// <summary>The errors since <see cref="Forget"/> on this thread as one line; null where there are none.</summary>
    public static string? Reason() => t_errors is { Count: > 0 } errors ? string.Join("; ", errors) : null;

    // It is called from native code and lets nothing out: an exception there would end the process.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Receive(int level, byte* text, void* data)
    {
        try
        {
            Add(level, Marshal.PtrToStringUTF8((nint)text) ?? "");
        }
        catch (Exception e)
        {
            GC.KeepAlive(e);
        }
    }

    /// <summary>A line may come in parts: those after the first have the level 5.</summary>
    private static void Add(int level, string text)
    {
        var line = t_line ??= new StringBuilder();
        if (level != 5) t_level = level;
        line.Append(text);
        if (!text.EndsWith('\n')) return;
        var whole = line.ToString().Trim();
        line.Clear();
        if (whole.Length == 0) return;
        if (t_level == 4 && (t_errors ??= []) is { Count: < MostKept } errors) errors.Add(WithoutPlace(whole));
        if (s_log is not { } log) return;
        switch (t_level)
        {
            case 4: log.Failure(whole); break;
            case 3: log.Warns(whole); break;
            default: log.Says(whole); break;
        }
    }

    /// <summary>Its lines begin with the name of a C++ function, which says nothing to who reads an exception.</summary>
    private static string WithoutPlace(string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && !line.AsSpan(0, colon).Contains(' ') ? line[(colon + 2)..] : line;
    }

    // Reasons for a failure reach the caller in an exception, and are logged by who handles it.
    [LoggerMessage(20, LogLevel.Warning, "llama.cpp: {Line}")]
    private static partial void Failure(this ILogger log, string line);

    [LoggerMessage(21, LogLevel.Information, "llama.cpp: {Line}")]
    private static partial void Warns(this ILogger log, string line);

    [LoggerMessage(22, LogLevel.Debug, "llama.cpp: {Line}")]
    private static partial void Says(this ILogger log, string line);
}
