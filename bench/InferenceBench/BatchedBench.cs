using System.Diagnostics;
using System.Globalization;

namespace AgentMesh.InferenceBench;

/// <summary>llama-batched-bench: tokens a second with nothing around the decode calls.</summary>
internal static class BatchedBench
{
    /// <returns>Tokens generated a second.</returns>
    public static double Run(BenchSettings settings, string model, int prompt, int tokens, int sequences)
    {
        // It writes by a thread of its own and may end before that did, on a busy machine.
        for (var tries = 0; tries < 3; tries++)
            if (Once(settings, model, prompt, tokens, sequences) is > 0 and var speed) return speed;
        throw new InvalidOperationException("llama-batched-bench gave no figure, three times.");
    }

    private static double Once(BenchSettings settings, string model, int prompt, int tokens, int sequences)
    {
        var number = CultureInfo.InvariantCulture;
        List<string> arguments =
        [
            "-m", model, "-c", (sequences * 256).ToString(number), "-b", "512", "-ub", "512", "-npp", prompt.ToString(number), "-ntg", tokens.ToString(number),
            "-npl", sequences.ToString(number), "-t", settings.Threads.ToString(number), "-tb", settings.Threads.ToString(number),
        ];
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(settings.Tools, "llama-batched-bench"), arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("llama-batched-bench did not start.");
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var speed = 0.0;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            // | PP | TG | B | N_KV | T_PP s | S_PP t/s | T_TG s | S_TG t/s | T s | S t/s |
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length > 8 && int.TryParse(cells[3], number, out var count) && count == sequences) _ = double.TryParse(cells[8], number, out speed);
        }

        process.WaitForExit();
        return speed;
    }
}
