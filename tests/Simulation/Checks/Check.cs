namespace AgentMesh.Simulation;

/// <summary>What must hold in every schedule.</summary>
internal enum Check
{
    /// <summary>Sequences are contiguous and a stale owner's append fails.</summary>
    OneWriter,

    /// <summary>What was acknowledged is in the journal.</summary>
    AcknowledgedIsDurable,

    /// <summary>Nothing is done about an event before it is durable.</summary>
    DurableBeforeWork,

    /// <summary>Every effect was claimed, durably and with these arguments, before it happened.</summary>
    ClaimedBeforeEffect,

    /// <summary>A call, and for a step an exact action, takes effect once.</summary>
    EffectOnce,

    /// <summary>A claim gets one receipt.</summary>
    OneReceipt,

    /// <summary>A call that needs consent has it, for exactly these arguments under the plan in force.</summary>
    Consent,

    /// <summary>A person is not asked again what they were asked.</summary>
    AskedOnce,

    /// <summary>Nobody is asked about an idempotent call while its service does nothing worse than hold requests.</summary>
    AskedForNeed,

    /// <summary>A receipt has what its tool promises.</summary>
    WholeReceipt,

    /// <summary>The budget is never overrun.</summary>
    Budget,

    /// <summary>Attempts, steps, replans and depth stay within their limits.</summary>
    Limits,

    /// <summary>Nothing follows the end.</summary>
    NothingAfterEnd,

    /// <summary>A step starts when its inputs are there.</summary>
    InputsFirst,

    /// <summary>A model call that is recorded is not made again in the same attempt.</summary>
    ModelOnce,

    /// <summary>A result belongs to the attempt that made it.</summary>
    OwnAttempt,

    /// <summary>One attempt is not run twice at the same time by one host.</summary>
    OneRunner,

    /// <summary>The journal alone gives the driver's state.</summary>
    Replay,

    /// <summary>What recovery gives is enough to go on from where the journal stops.</summary>
    Recovery,

    /// <summary>The machine and the work throw nothing but what they promise.</summary>
    NoDefect,

    /// <summary>When faults stop and people answer, the goal ends, within bounded time and events.</summary>
    Ends,

    /// <summary>The schedule depended on nothing but its seed.</summary>
    Deterministic,
}

internal sealed record Violation(ulong Seed, Check Check, string Message);
