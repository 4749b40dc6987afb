using System.Globalization;
using System.Text.RegularExpressions;
using AgentMesh.Agents.Models;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Agents.Loop;

/// <summary>
/// Runs one attempt of a step through its tiers: rules, small model, large model, person. The first that is confident enough answers.
/// Given the same work and the same answers it makes the same calls, so that a recorded attempt can be taken up anywhere.
/// </summary>
/// <param name="rules">Looked up by role and kind; the first that fits is used.</param>
/// <param name="kinds">Every result is checked against its kind's schema.</param>
public sealed partial class AgentLoop(
    IEnumerable<IRuleBehaviour> rules, IReadOnlyDictionary<string, ArtifactKind> kinds, ILogger<AgentLoop>? logger = null) : IAgent
{
    /// <summary>With no model to ask, a rule result below this is a guess, and a person is asked instead.</summary>
    public const double RuleFloor = 0.35;

    private readonly IReadOnlyList<IRuleBehaviour> rules = [.. rules];
    private readonly NativeToolMemory nativeTools = new();
    private readonly ILogger log = logger ?? NullLogger<AgentLoop>.Instance;

    /// <exception cref="StepSuspendedException">A person must decide a call first.</exception>
    /// <exception cref="ToolException">A call failed in a way that may pass.</exception>
    /// <exception cref="ModelException">No model could be reached and no earlier tier left a usable result.</exception>
    /// <exception cref="BudgetExceededException">The budget is spent and no earlier tier left a usable result.</exception>
    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        var observed = new ObservedCalls(calls, work.Tools);
        var attempt = new Attempt(work, kinds.GetValueOrDefault(work.Step.Produces));

        if (rules.FirstOrDefault(rule => rule.Role == work.Role.Name && rule.Produces.Contains(work.Step.Produces)) is { } rule
            && attempt.Take(await RunRule(rule, work, observed, ct), "rules") is { } settled) return settled;
        if (observed.EffectTried) return attempt.Settle();

        var models = Models(work.Role.Model, observed);
        foreach (var (need, model) in models)
        {
            Escalating(log, work.Step.Id.Value, model, attempt.Best?.Confidence);
            StepOutcome outcome;
            try
            {
                outcome = await new ModelTier(work, attempt.Kind, nativeTools, need, model).Run(observed, attempt.Best, ct);
            }
            catch (Exception error) when (error is BudgetExceededException or ModelException && attempt.Best is { Confidence: >= RuleFloor } && !observed.EffectTried)
            {
                return Noted(attempt.Best!, $"{model}: {error.Message}");
            }
            catch (ModelException error) when (need == ModelNeed.Small && models.Count > 1 && !observed.EffectTried)
            {
                outcome = new StepOutcome.Failed(FailureKind.Permanent, error.Message);
            }
            if (attempt.Take(outcome, model) is { } answer) return answer;
            if (observed.EffectTried) return attempt.Settle();
        }

        if (models.Count == 0 && attempt.Best is { } only && only.Confidence >= RuleFloor)
            return Noted(only, $"a model: none is configured, and {Percent(only.Confidence)} is enough to go on without one");
        if (attempt is { Best: null, Question: null, Failure: { } failure }) return failure;
        return PersonTier.Decide(attempt, observed.AnswersUsed);
    }

    private static async Task<StepOutcome> RunRule(IRuleBehaviour rule, StepWork work, ObservedCalls calls, CancellationToken ct)
    {
        try
        {
            return await rule.Run(work, calls, ct);
        }
        catch (AgentFailedException error) when (error.Kind == FailureKind.Permanent)
        {
            return new StepOutcome.Failed(error.Kind, error.Message);
        }
        catch (RegexMatchTimeoutException error)
        {
            // Most likely the machine's time ran out, which says nothing of the input. Should it be the input after all, the last attempt leaves it to the next tier.
            return new StepOutcome.Failed(
                work.Attempt < work.Step.Retry.MaxAttempts ? FailureKind.Transient : FailureKind.Permanent,
                $"The rules of {rule.Role} ran out of time ({error.MatchTimeout.TotalSeconds:0.#} s for one pattern); the machine may be overloaded.");
        }
    }

    /// <summary>The models to ask, weakest first; one model that serves both needs is asked once.</summary>
    private static List<(ModelNeed Need, string Model)> Models(ModelNeed need, ObservedCalls calls)
    {
        var found = new List<(ModelNeed, string)>();
        if (need == ModelNeed.None) return found;
        foreach (var tier in (IEnumerable<ModelNeed>)(need == ModelNeed.Small ? [ModelNeed.Small, ModelNeed.Large] : [ModelNeed.Large]))
            if (calls.ModelFor(tier) is { } model && found.All(known => known.Item2 != model)) found.Add((tier, model));
        return found;
    }

    private static StepOutcome.Completed Noted(StepOutcome.Completed result, string alternative) =>
        result with { Why = result.Why with { Alternatives = [.. result.Why.Alternatives, alternative] } };

    internal static string Percent(double confidence) => confidence.ToString("0%", CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Step {Step} goes to {Model}; best confidence so far {Confidence}")]
    private static partial void Escalating(ILogger logger, string step, string model, double? confidence);

    /// <summary>What the tiers of one attempt came to so far.</summary>
    internal sealed class Attempt(StepWork work, ArtifactKind? kind)
    {
        private readonly List<string> notes = [];

        public StepWork Work => work;
        public ArtifactKind? Kind => kind;
        public StepOutcome.Completed? Best { get; private set; }
        public StepOutcome.Failed? Failure { get; private set; }
        public StepOutcome.Ask? Question { get; private set; }
        public IReadOnlyList<string> Notes => notes;

        /// <returns>The outcome if it settles the attempt; null if the next tier should try.</returns>
        public StepOutcome? Take(StepOutcome outcome, string tier)
        {
            switch (outcome)
            {
                case StepOutcome.Completed result when Errors(result) is { Count: > 0 } errors:
                    Failure = new StepOutcome.Failed(FailureKind.Permanent, $"The {tier} tier's '{work.Step.Produces}' does not obey its schema: {string.Join(" ", errors)}");
                    notes.Add($"{tier}: {Failure.Error}");
                    return null;
                case StepOutcome.Completed result:
                    var complete = notes.Count == 0 ? result : result with { Why = result.Why with { Alternatives = [.. notes, .. result.Why.Alternatives] } };
                    if (result.Confidence >= work.Role.MinConfidence) return complete;
                    notes.Add($"{tier}: only {Percent(result.Confidence)} confident, {Percent(work.Role.MinConfidence)} is asked for");
                    if (Best is null || result.Confidence > Best.Confidence) Best = complete;
                    return null;
                case StepOutcome.Failed failed:
                    notes.Add($"{tier}: {failed.Error}");
                    if (failed.Kind != FailureKind.Permanent) return failed;
                    Failure = failed;
                    return null;
                case StepOutcome.Ask ask:
                    notes.Add($"{tier}: asks '{ask.Question}'");
                    Question = ask;
                    return null;
                default:
                    return outcome;
            }
        }

        /// <summary>The end of an attempt that no further tier may touch, because an effect was tried.</summary>
        public StepOutcome Settle() => Best is { } best
            ? best
            : Failure ?? new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' called a tool with an effect and then gave no result.");

        private IReadOnlyList<string> Errors(StepOutcome.Completed result) =>
            kind is null ? [] : SchemaValidator.For(kind).Validate(result.Value);
    }
}
