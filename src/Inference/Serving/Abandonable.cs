using System.Runtime.CompilerServices;

namespace AgentMesh.Inference.Serving;

/// <summary>
/// Waits that end when the token says so, also where the other side is slow to notice or never does. The other side has the token too;
/// what it still does is not waited for, and how it ends is of no interest.
/// </summary>
internal static class Abandonable
{
    public static async Task<T> OrLeave<T>(this Task<T> task, CancellationToken ct)
    {
        try
        {
            return await task.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (!task.IsCompleted)
        {
            _ = task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    public static async IAsyncEnumerable<T> OrLeave<T>(this IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken ct)
    {
        var items = source.GetAsyncEnumerator(ct);
        Task<bool>? move = null;
        try
        {
            while (true)
            {
                move = items.MoveNextAsync().AsTask();
                if (!await move.WaitAsync(ct)) yield break;
                yield return items.Current;
            }
        }
        finally
        {
            // An enumerator must not be disposed of while it moves.
            if (move is { IsCompleted: false }) _ = DisposeLater(move, items);
            else await items.DisposeAsync();
        }
    }

    private static async Task DisposeLater<T>(Task move, IAsyncEnumerator<T> items)
    {
        await move.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await items.DisposeAsync();
        }
        catch (Exception)
        {
            // Nobody is left to hear of it.
        }
    }
}
