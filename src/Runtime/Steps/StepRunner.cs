using AgentMesh.Agents;
using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>Runs one attempt at a step: gathers the inputs, lets the agent work, and tells the goal how it ended.</summary>
public sealed partial class StepRunner(
    IAgent agent, Toolbox toolbox, IModels models, IContentStore content, MeshCatalogue catalogue, RuntimeOptions options, TimeProvider time,
    ILogger<StepRunner> log)
{
    public async Task Run(
        GoalState state, StepId id, int number, ICallBudget budget, IGoalLine line, Attempt attempt, CancellationToken ct)
    {
        var step = state.Step(id)!;
        using var span = GoalSpans.Attempt(state, step, number);
        var record = new AttemptRecord(line);
        var limit = step.Definition.Timeout ?? catalogue.Roles.GetValueOrDefault(step.Definition.Role)?.Timeout ?? options.StepTimeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        var calls = default(AgentCalls);
        try
        {
            var end = await Attempt();
            calls?.Close();
            span?.End(end);

            // A last failed attempt must not leave behind a call of which nobody knows whether it took effect: other work would repeat it.
            if (end is StepFailed last && attempt.Reason is null && calls?.OpenClaim is { } open && !WillRetry(last, step)) await calls.AskAbout(open, last.Error);
            else await record.End(end, state.Sequence);
        }
        catch (StepSuspendedException)
        {
            // What it waits for is in the journal, and so is that it waits.
            span?.SetTag("agentmesh.outcome", "suspended");
        }
        catch (StaleAttemptException e)
        {
            span?.Failed("stale");
            await line.End([new StepFailed(id, number, FailureKind.Transient, e.Message)], state.Sequence);
        }
        finally
        {
            calls?.Close();
        }

        async Task<GoalEvent> Attempt()
        {
            try
            {
                return await Worked();
            }
            catch (Exception e) when (Failure(e, id, number, limit, timeout, attempt, ct) is { } failed)
            {
                if (failed.Kind == FailureKind.Permanent && e is not (AgentFailedException or ToolException or ModelException or OperationCanceledException)) LogBug(log, e, state.Goal, id);
                return failed.Kind == FailureKind.Timeout && calls?.WaitsFor is { } waited ? failed with { Error = $"{failed.Error} {waited}" } : failed;
            }
        }

        async Task<GoalEvent> Worked()
        {
            either.Token.ThrowIfCancellationRequested();
            var role = catalogue.Roles.GetValueOrDefault(step.Definition.Role)
                ?? throw new AgentFailedException(FailureKind.Permanent, $"This mesh has no role {step.Definition.Role}. Add it, or replan.");
            var work = await Work(state, step, role, number, either.Token);
            calls = new AgentCalls(state, work, record, toolbox, models, budget, options, time, log);
            await calls.SettleOpenClaims(either.Token);
            var outcome = await agent.Run(work, calls, either.Token).WaitAsync(either.Token);
            return await End(state, step, number, calls, outcome, record, ct);
        }
    }

    private static bool WillRetry(StepFailed failed, StepState step) =>
        failed.Kind is FailureKind.Transient or FailureKind.Timeout && failed.Attempt < step.Definition.Retry.MaxAttempts;

    private static StepFailed? Failure(Exception e, StepId id, int number, TimeSpan limit, CancellationTokenSource timeout, Attempt attempt, CancellationToken ct) => e switch
    {
        OperationCanceledException when attempt.Reason is { } reason => new StepFailed(id, number, FailureKind.Permanent, reason),
        OperationCanceledException when timeout.IsCancellationRequested => new StepFailed(id, number, FailureKind.Timeout, $"It took longer than {limit}."),
        OperationCanceledException when !ct.IsCancellationRequested => new StepFailed(id, number, FailureKind.Transient, $"It was given up from within: {e.Message}"),
        OperationCanceledException or StepSuspendedException or StaleAttemptException or StaleWriterException or JournalUnavailableException => null,
        BudgetExceededException => new StepFailed(id, number, FailureKind.Budget, e.Message),
        AgentFailedException failed => new StepFailed(id, number, failed.Kind, failed.Message),
        ModelException failed => new StepFailed(id, number, KindOf(failed), failed.Message),
        ToolException failed => new StepFailed(id, number, failed.Kind, failed.Message),
        _ => new StepFailed(id, number, FailureKind.Permanent, $"{e.GetType().Name}: {e.Message}"),
    };

    private static FailureKind KindOf(ModelException e) => e.Kind switch
    {
        ModelErrorKind.Rejected => FailureKind.Permanent,
        ModelErrorKind.BudgetExceeded => FailureKind.Budget,
        _ => FailureKind.Transient,
    };

    private async Task<StepWork> Work(GoalState state, StepState step, RoleDescriptor role, int number, CancellationToken ct)
    {
        var inputs = new List<Artifact>(step.Definition.Inputs.Count);
        foreach (var input in step.Definition.Inputs)
            if (state.Artifact(input) is { } artifact) inputs.Add(await Loaded(artifact, ct));
        var children = new List<Artifact>();
        foreach (var child in state.Steps)
            if (child.Definition.Parent == step.Id && state.Artifact(child.Id.Artifact) is { } artifact) children.Add(await Loaded(artifact, ct));
        var answers = state.Requests
            .Where(r => r.Step == step.Id && r is { Answer: not null, Question.Call: null })
            .Select(r => new AnsweredQuestion(r.Question!.Question, r.Answer!.Answer)).ToList();
        var tools = toolbox.For(state.Spec.Constraints, role, step.Definition);
        return new StepWork(state.Goal, state.Spec, step.Definition, role, step.Agent!.Value, number, inputs, tools, answers, children);
    }

    private async Task<Artifact> Loaded(Artifact artifact, CancellationToken ct) =>
        artifact is { Value: null, Content: { } reference } ? artifact with { Value = MeshJson.Parse(await content.Get(reference, ct)) } : artifact;

    private async Task<GoalEvent> End(
        GoalState state, StepState step, int number, AgentCalls calls, StepOutcome outcome, AttemptRecord record, CancellationToken ct)
    {
        switch (outcome)
        {
            case StepOutcome.Completed done:
                var artifact = new Artifact
                {
                    Id = step.Id.Artifact, Kind = step.Definition.Produces, Value = done.Value, Trust = done.Trust ?? calls.Seen,
                    Origin = new Origin(step.Id, done.Source, done.Tier),
                };
                return new StepCompleted(step.Id, number, await Stored(artifact, ct), done.Confidence, done.Tier, done.Why);
            case StepOutcome.Failed failed:
                return new StepFailed(step.Id, number, failed.Kind, failed.Error, failed.Why);
            case StepOutcome.Spawn spawn:
                return new StepsSpawned(step.Id, number, spawn.Steps, spawn.Why);
            case StepOutcome.Ask ask:
                var asked = state.Requests.Count(r => r.Step == step.Id && r.Question is not null) + 1;
                var request = new RequestId($"ask-{step.Id.Value}-{asked}");
                record.Add(new QuestionAsked(request, step.Id, ask.Question, ask.Choices));
                return new StepSuspended(step.Id, number, request);
            default:
                throw new InvalidOperationException($"The agent ended with {outcome.GetType().Name}, which nobody handles.");
        }
    }

    private async Task<Artifact> Stored(Artifact artifact, CancellationToken ct)
    {
        var bytes = RuntimeJson.CanonicalBytes(artifact.Value!.Value);
        return bytes.Length <= options.InlineArtifactBytes
            ? artifact
            : artifact with { Value = null, Content = await content.Put(bytes, "application/json", ct) };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Goal {Goal}, step {Step}: the agent broke; the step fails for good")]
    private static partial void LogBug(ILogger log, Exception e, GoalId goal, StepId step);
}
