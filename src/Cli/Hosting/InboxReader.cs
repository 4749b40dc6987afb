using AgentMesh.Local;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>Takes what other processes left in the inbox to the goals. A repeated delivery is refused by the goal and dropped.</summary>
internal sealed partial class InboxReader : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task reading = Task.CompletedTask;

    public static InboxReader Start(IInbox inbox, LocalEngine engine, ILogger<InboxReader> log)
    {
        var reader = new InboxReader();
        reader.reading = reader.Read(inbox, engine, log);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        stop.Dispose();
    }

    private async Task Read(IInbox inbox, LocalEngine engine, ILogger log)
    {
        try
        {
            await foreach (var item in inbox.Listen(stop.Token))
            {
                if (await engine.Post(item.Goal, [item.Event]) is { } refusal) LogRefused(log, item.Goal.Value, refusal);
                await inbox.Done(item.Id, stop.Token);
            }
        }
        catch (Exception e) when (stop.IsCancellationRequested)
        {
            LogStopped(log, e.Message);
        }
        catch (Exception e)
        {
            // The host goes on without its inbox; people can still decide in this terminal.
            LogBroken(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Goal {Goal} refused what came through the inbox: {Refusal}")]
    private static partial void LogRefused(ILogger log, string goal, string refusal);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The inbox was closed: {Reason}")]
    private static partial void LogStopped(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The inbox cannot be read; decisions from other terminals do not arrive until the next start")]
    private static partial void LogBroken(ILogger log, Exception e);
}
