using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Cli.Output;

/// <summary>
/// How far a pull is, on stderr: in a terminal one line that renews itself, with bytes, rate and time left; redirected, a line at each tenth and
/// for what matters.
/// </summary>
internal sealed class PullLine(Terminal terminal) : IDisposable
{
    private readonly ProgressLine line = new(terminal);
    private string file = "";
    private long size;
    private long start;
    private long tenths;
    private long began;

    /// <summary>Bytes as people read them.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000_000 => $"{bytes / 1e3:0.#} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.#} MB",
        _ => $"{bytes / 1e9:0.##} GB",
    };

    public void Show(PullEvent e)
    {
        switch (e)
        {
            case PullEvent.Began at:
                (file, size, start, tenths, began) = (at.File, at.Size, at.Have, Tenths(at.Have, at.Size), terminal.Time.GetTimestamp());
                line.Say(at.Have == 0 ? $"{file}: {Size(size)}" : $"{file}: {Size(size)}, {Size(at.Have)} of it here");
                break;
            case PullEvent.Moved at when terminal.IsInteractive:
                line.Renew(() => Progress(at.Have), at.Have >= size);
                break;
            case PullEvent.Moved at when Tenths(at.Have, size) is var now && now != tenths:
                tenths = now;
                line.Say($"{file}: {Progress(at.Have)}");
                break;
            case PullEvent.Retries again:
                line.Say(again.After > TimeSpan.Zero ? $"{again.Why} Again in {again.After.TotalSeconds:0.#} s." : again.Why);
                break;
            case PullEvent.Waits other:
                line.Say($"{other.File} is being pulled by another process; waiting for it.");
                break;
            case PullEvent.Present here:
                line.Say($"{here.File}: {Size(here.Size)}, here already");
                break;
            case PullEvent.Done done:
                line.Say($"{done.File}: {Size(done.Size)}, {(done.Verified is { } by ? $"{by} checked" : "size checked; its server says no hash")}");
                break;
        }
    }

    /// <summary>Leaves the cursor on a line of its own.</summary>
    public void Dispose() => line.Close();

    private static long Tenths(long have, long size) => size == 0 ? 10 : have * 10 / size;

    private string Progress(long have)
    {
        var seconds = terminal.Time.GetElapsedTime(began).TotalSeconds;
        var rate = seconds > 0.05 ? (have - start) / seconds : 0;
        var left = rate > 0 ? TimeSpan.FromSeconds((size - have) / rate) : (TimeSpan?)null;
        return $"{100.0 * have / Math.Max(1, size):0} %  {Size(have)} of {Size(size)}{(rate > 0 ? $"  {Size((long)rate)}/s" : "")}{(left is { } time && have < size ? $"  {Left(time)} left" : "")}";
    }

    private static string Left(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}h{time.Minutes:00}m" : time.TotalMinutes >= 1 ? $"{time.Minutes}m{time.Seconds:00}s" : $"{time.TotalSeconds:0}s";
}
