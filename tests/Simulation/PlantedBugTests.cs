namespace AgentMesh.Simulation;

/// <summary>The checks find what they are for: each bug, planted around the real components, is found within a bounded number of schedules.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int Most = 4_000;

    [Theory]
    [InlineData(Mutation.DroppedFencing, nameof(Check.OneWriter))]
    [InlineData(Mutation.AcknowledgedTooEarly, nameof(Check.AcknowledgedIsDurable))]
    [InlineData(Mutation.MissingClaim, nameof(Check.ClaimedBeforeEffect))]
    [InlineData(Mutation.DoubleReceipt, nameof(Check.OneReceipt))]
    [InlineData(Mutation.LostTimer, nameof(Check.Ends))]
    [InlineData(Mutation.ActsBeforeAppend, nameof(Check.DurableBeforeWork))]
    [InlineData(Mutation.BlindRetryOfOnce, nameof(Check.EffectOnce))]
    [InlineData(Mutation.ApprovalForOtherArguments, nameof(Check.Consent))]
    [InlineData(Mutation.ForgottenDecision, nameof(Check.AskedOnce))]
    [InlineData(Mutation.BudgetNotReserved, nameof(Check.Budget))]
    [InlineData(Mutation.ForgottenCalls, nameof(Check.ModelOnce))]
    [InlineData(Mutation.StaleAttemptAccepted, nameof(Check.OwnAttempt))]
    [InlineData(Mutation.RepeatedEndTaken, nameof(Check.OwnAttempt))]
    [InlineData(Mutation.RefusedEndForgotten, nameof(Check.Ends))]
    [InlineData(Mutation.RunningStepNotRecovered, nameof(Check.Ends))]
    [InlineData(Mutation.LostResume, nameof(Check.Ends))]
    [InlineData(Mutation.TakenAfterEnd, nameof(Check.NothingAfterEnd))]
    [InlineData(Mutation.InFlightIsFailure, nameof(Check.AskedForNeed))]
    [InlineData(Mutation.WordForReceipt, nameof(Check.WholeReceipt))]
    [InlineData(Mutation.StartedWithoutInputs, nameof(Check.InputsFirst))]
    public void Is_found(Mutation mutation, string check)
    {
        var (violation, tally) = Simulator.RunMany(1, Most, threads: 1, mutation);
        output.WriteLine($"{mutation}: {violation} after {tally.Schedules} schedules");
        Assert.NotNull(violation);
        Assert.Equal(check, violation.Check.ToString());
    }

    [Fact]
    public void None_is_found_where_none_is_planted() => Assert.Null(Simulator.RunMany(1, Most, threads: 1).Violation);
}
