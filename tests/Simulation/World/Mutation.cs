namespace AgentMesh.Simulation;

/// <summary>A bug planted on purpose, to see whether the checks find it.</summary>
public enum Mutation
{
    None,

    /// <summary>The journal takes an append whatever the writer believed.</summary>
    DroppedFencing,

    /// <summary>The journal answers before it is durable; a crash loses the last append.</summary>
    AcknowledgedTooEarly,

    /// <summary>Claims never reach the journal.</summary>
    MissingClaim,

    /// <summary>A receipt is written twice.</summary>
    DoubleReceipt,

    /// <summary>The host forgets the timers of retries.</summary>
    LostTimer,

    /// <summary>Commands are carried out before the append.</summary>
    ActsBeforeAppend,

    /// <summary>A once tool is retried like an idempotent one.</summary>
    BlindRetryOfOnce,

    /// <summary>An approval is taken for whatever the agent asks for next.</summary>
    ApprovalForOtherArguments,

    /// <summary>A resumed step does not find what people decided.</summary>
    ForgottenDecision,

    /// <summary>Calls are made without reserving their budget.</summary>
    BudgetNotReserved,

    /// <summary>A resumed attempt does not find its recorded model calls.</summary>
    ForgottenCalls,

    /// <summary>A late result of an earlier attempt is taken for the current one's.</summary>
    StaleAttemptAccepted,

    /// <summary>A repeated end of a step that has gone on since is judged like a new one.</summary>
    RepeatedEndTaken,

    /// <summary>Nobody says anything in place of an end that the goal refused.</summary>
    RefusedEndForgotten,

    /// <summary>After a crash, running steps are not taken up again.</summary>
    RunningStepNotRecovered,

    /// <summary>A step does not come back when a person has decided.</summary>
    LostResume,

    /// <summary>Late events are taken although the goal is over.</summary>
    TakenAfterEnd,

    /// <summary>A tool gives a request in flight out as one that failed.</summary>
    InFlightIsFailure,

    /// <summary>A person's word that a call happened is its receipt.</summary>
    WordForReceipt,

    /// <summary>A step starts although an input is missing.</summary>
    StartedWithoutInputs,
}
