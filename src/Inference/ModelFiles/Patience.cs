namespace AgentMesh.Inference.ModelFiles;

/// <summary>Bounded repeats of what may pass, with growing waits.</summary>
internal sealed class Patience(PullOptions options, TimeProvider time, Action<PullEvent> report)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private int failures;

    /// <summary>Something was gained: the count begins anew.</summary>
    public void Gained() => failures = 0;

    public async Task<T> Run<T>(Func<Task<T>> attempt, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (PassingException e)
            {
                await Wait(e, ct);
            }
        }
    }

    /// <exception cref="ModelFileException">It has failed too often, or the server asks for too much time.</exception>
    public async Task Wait(PassingException e, CancellationToken ct)
    {
        if (++failures > options.Retries) throw ModelFileException.Broken($"{e.Message} Given up after {failures} attempts; the same command goes on where it stopped.", e);
        if (e.RetryAfter > options.LongestWait) throw ModelFileException.Broken($"{e.Message} The server asks to wait {e.RetryAfter.Value.TotalSeconds:0} s; try again then.", e);
        var wait = TimeSpan.FromSeconds(Math.Min(options.FirstWait.TotalSeconds * Math.Pow(2, failures - 1), Longest.TotalSeconds));
        if (e.RetryAfter > wait) wait = e.RetryAfter.Value;
        report(new PullEvent.Retries(e.Message, wait));
        await Task.Delay(wait, time, ct);
    }
}
