using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Simulation;

/// <summary>The world outside: what tools change, and the only judge of how often they did.</summary>
internal sealed class SimService(SimWorld world)
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(6);
    private readonly Dictionary<string, int> applied = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> voidBefore = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> actions = new(StringComparer.Ordinal);
    private readonly HashSet<string> held = new(StringComparer.Ordinal);
    private int requests;

    public IEnumerable<ITool> Tools(SimHost life)
    {
        foreach (var tool in SimCatalogue.Tools)
        {
            var seen = world.Mutation == Mutation.BlindRetryOfOnce && tool.Effect == ToolEffect.Once ? Blind[tool.Name] : tool;
            yield return SimCatalogue.HasProbe(tool) ? new ProbedTool(this, life, seen) : new Tool(this, life, seen);
        }
    }

    private static readonly Dictionary<string, ToolDescriptor> Blind =
        SimCatalogue.Tools.ToDictionary(t => t.Name, t => t with { Effect = ToolEffect.Idempotent }, StringComparer.Ordinal);

    /// <summary>Looks a call up. What has not happened by now and is still on its way is turned away when it comes.</summary>
    public bool Happened(string key)
    {
        if (applied.ContainsKey(key)) return true;
        voidBefore[key] = requests;
        return false;
    }

    private async Task<ToolResult> Invoke(SimHost life, ToolDescriptor tool, ToolCall call)
    {
        var request = requests++;
        var fate = world.Fault(world.Profile.BadTool) ? world.Random.Next(9) : -1;
        world.Note($"host {life.Number} calls {tool.Name} as {call.Key}{(fate < 0 ? "" : $" (fate {fate})")}");
        if (fate is 0) throw new ToolException(FailureKind.Transient, "The service is busy.");
        if (fate is 1) throw new ToolException(FailureKind.Permanent, "The service refuses.");
        var slow = fate is 2 ? TimeSpan.FromSeconds(20 + world.Random.Next(40)) : Latency;
        if (world.Profile.Holds && tool.Effect == ToolEffect.Idempotent && fate is not 3)
        {
            await Held(life, tool, call, request);
        }
        else if (fate is not 3)
        {
            if (fate is not 2 && world.Random.Chance(world.Profile.Instant)) Apply(tool, call, request);
            else await Landed(life, tool, call, request, slow);
        }

        if (fate is 4 && life.IsAlive) world.Crash("between an effect and its answer");
        if (!life.IsAlive) await SimWorld.Never;
        if (fate is 3 or 5) throw new ToolException(FailureKind.Transient, "The connection broke.", effectPossible: true);
        if (fate is 6) throw new InvalidOperationException("The tool has a bug behind its effect.");
        if (fate is 7) throw new TaskCanceledException("The client's own time is up.");
        if (fate is 8) await SimWorld.Never;
        await world.Wait(life, Latency);
        return new ToolResult(SimJson.Done);
    }

    // One request with a key is worked on at a time, and its effect is had once.
    private async Task Held(SimHost life, ToolDescriptor tool, ToolCall call, int request)
    {
        if (applied.ContainsKey(call.Key)) return;
        if (!held.Add(call.Key))
        {
            world.Note($"{call.Key} is in flight");
            await world.Wait(life, Latency);
            if (world.Mutation == Mutation.InFlightIsFailure) throw new ToolException(FailureKind.Transient, "The service is still at it.", effectPossible: true);
            throw new ToolInFlightException("The service is still at it.", world.Random.Pick<TimeSpan?>(TimeSpan.FromSeconds(1), null));
        }

        await Landed(life, tool, call, request, LongestHold);
    }

    // What is on its way lands, whatever becomes of the host that sent it.
    private Task Landed(SimHost life, ToolDescriptor tool, ToolCall call, int request, TimeSpan longest)
    {
        var landed = new TaskCompletionSource();
        world.Clock.After(world.Random.Within(longest), () =>
        {
            Apply(tool, call, request);
            held.Remove(call.Key);
            if (life.IsAlive) landed.TrySetResult();
        });
        return landed.Task;
    }

    private void Apply(ToolDescriptor tool, ToolCall call, int request)
    {
        if (tool.Effect == ToolEffect.Pure) return;
        if (voidBefore.GetValueOrDefault(call.Key) > request) return;
        world.Checks.OnEffect(tool, call);
        var times = applied[call.Key] = applied.GetValueOrDefault(call.Key) + 1;
        world.Note($"effect of {tool.Name} {call.Key}");
        if (times > 1 && (tool.Effect == ToolEffect.Once || world.Profile.Holds)) world.Violate(Check.EffectOnce, $"{tool.Name} took effect {times} times for {call.Key}.");
        var action = $"{call.Step} {tool.Name} {call.Arguments.GetRawText()}";
        if (!actions.TryAdd(action, call.Key) && actions[action] != call.Key)
            world.Violate(Check.EffectOnce, $"{action} took effect as {actions[action]} and as {call.Key}.");
    }

    private Task<Reconciliation> Probe(ToolCall call)
    {
        var fate = world.Fault(world.Profile.BadTool) ? world.Random.Next(2) : -1;
        if (fate is 0) throw new ToolException(FailureKind.Transient, "The service cannot be asked.");
        if (fate is 1) return Task.FromResult<Reconciliation>(new Reconciliation.CannotTell("The service has forgotten."));
        var happened = Happened(call.Key);
        world.Note($"probe of {call.Key}: {happened}");
        return Task.FromResult<Reconciliation>(happened ? new Reconciliation.Happened(new ToolResult(SimJson.Done)) : new Reconciliation.DidNotHappen());
    }

    private class Tool(SimService service, SimHost life, ToolDescriptor seen) : ITool
    {
        public ToolDescriptor Descriptor => seen;

        public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct) => service.Invoke(life, SimCatalogue.Of(seen.Name), call);
    }

    private sealed class ProbedTool(SimService service, SimHost life, ToolDescriptor seen) : Tool(service, life, seen), IReconcilableTool
    {
        private readonly SimService service = service;

        public Task<Reconciliation> Reconcile(ToolCall call, CancellationToken ct) => service.Probe(call);
    }
}
