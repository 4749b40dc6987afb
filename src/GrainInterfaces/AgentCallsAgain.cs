using Orleans.Runtime.Messaging;

namespace AgentMesh.GrainInterfaces;

/// <summary>
/// Makes a call to an agent again when the silo that it went through, or to, was gone: the client has others, but learns of a stop only by failing.
/// Agents that are called directly change nothing but their own notes, so a repeat does no harm. <see cref="MeshClient"/> does the same for goals.
/// </summary>
internal sealed class AgentCallsAgain(TimeProvider time) : IOutgoingGrainCallFilter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!typeof(IAgentGrain).IsAssignableFrom(context.InterfaceMethod.DeclaringType))
        {
            await context.Invoke();
            return;
        }

        var since = time.GetTimestamp();
        while (true)
        {
            // What went wrong on the way comes as a response, or is thrown before there is one.
            try
            {
                await context.Invoke();
                if (!IsGone(context.Response?.Exception) || time.GetElapsedTime(since) >= Patience) return;
            }
            catch (Exception e) when (IsGone(e) && time.GetElapsedTime(since) < Patience)
            {
                // Tried again below.
            }

            await Task.Delay(Pause, time, context.Request.GetCancellationToken());
        }
    }

    private static bool IsGone(Exception? e) => e is ConnectionFailedException or SiloUnavailableException;
}
