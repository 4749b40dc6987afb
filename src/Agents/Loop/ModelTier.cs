using AgentMesh.Agents.Models;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Loop;

/// <summary>One model's work on a step: turns of tool calls and corrections until a valid value is given or the turns are used up.</summary>
internal sealed class ModelTier
{
    private const int MaxHelpers = 6;

    private readonly StepWork work;
    private readonly ArtifactKind? kind;
    private readonly NativeToolMemory nativeTools;
    private readonly ModelNeed need;
    private readonly string model;
    private readonly Prompt prompt;
    private readonly IReadOnlyDictionary<string, string> names;
    private readonly List<ChatMessage> messages = [];
    private readonly List<AIContent> replies = [];
    private bool reflected;
    private string trouble = "it never gave a value";
    private StepOutcome.Completed? pending;

    public ModelTier(StepWork work, ArtifactKind? kind, NativeToolMemory nativeTools, ModelNeed need, string model)
    {
        this.work = work;
        this.kind = kind;
        this.nativeTools = nativeTools;
        this.need = need;
        this.model = model;
        prompt = new Prompt(work, kind);
        names = NativeTools.Names(work.Tools);
    }

    public async Task<StepOutcome> Run(ObservedCalls calls, StepOutcome.Completed? earlier, CancellationToken ct)
    {
        messages.Add(new ChatMessage(ChatRole.System, prompt.System()));
        messages.Add(new ChatMessage(ChatRole.User, prompt.Task(earlier)));
        var turns = Math.Max(1, work.Role.MaxIterations);
        for (var turn = 1; turn <= turns; turn++)
        {
            var last = turn == turns;
            if (last && turn > 1) messages.Add(new ChatMessage(ChatRole.User, Prompt.LastTurn));
            var response = await Ask(calls, ct);
            messages.AddRange(response.Messages);
            var actions = ActionReader.Read(response, names);
            foreach (var action in actions)
                if (await Act(action, actions.Count > 1, last, calls, ct) is { } outcome) return outcome;
            Reply();
        }
        return (StepOutcome?)pending ?? new StepOutcome.Failed(
            FailureKind.Permanent, $"Model {model} gave no valid '{work.Step.Produces}' in {turns} turns; the last problem: {trouble}");
    }

    private async Task<ChatResponse> Ask(ObservedCalls calls, CancellationToken ct)
    {
        var native = nativeTools.Offers(model);
        try
        {
            return await calls.Ask(need, [.. messages], Options(native), ct);
        }
        catch (ModelException error) when (native && error.Unsupported == ModelFeature.NativeTools)
        {
            nativeTools.Refused(model);
            return await calls.Ask(need, [.. messages], Options(native: false), ct);
        }
    }

    private ChatOptions Options(bool native) =>
        native ? new ChatOptions { Temperature = 0, Tools = NativeTools.Declare(work.Tools, kind), ToolMode = ChatToolMode.Auto }.ExpectCall() : new ChatOptions { Temperature = 0 };

    /// <returns>The outcome when the action ends the tier's work; null when there is a next turn.</returns>
    private async Task<StepOutcome?> Act(ModelAction action, bool amongOthers, bool last, ObservedCalls calls, CancellationToken ct)
    {
        switch (action)
        {
            case ModelAction.UseTool use:
                Feed(use, await UseTool(use, calls, ct));
                return null;
            case ModelAction.Finish when amongOthers:
                Feed(action, "You finished beside other calls. Look at their results first, then finish.");
                return null;
            case ModelAction.Finish finish:
                return Finish(finish, last, calls);
            case ModelAction.Judge { Enough: true } judge when pending is not null:
                return pending with { Confidence = Math.Min(judge.Confidence ?? pending.Confidence, Ceiling(pending.Why.Evidence)) };
            case ModelAction.Judge:
                Feed(action, pending is null ? Correct("there is no value yet") : "Then go on: call a tool or give a better final value.");
                return null;
            case ModelAction.AskPerson ask:
                return AskPerson(ask, calls);
            case ModelAction.SpawnHelpers spawn:
                return Spawn(spawn);
            default:
                var malformed = (ModelAction.Malformed)action;
                trouble = malformed.Feedback;
                Feed(action, malformed.Feedback);
                return null;
        }
    }

    private async Task<string> UseTool(ModelAction.UseTool use, ObservedCalls calls, CancellationToken ct)
    {
        if (work.Tools.FirstOrDefault(tool => tool.Name == use.Tool) is not { } tool)
        {
            var meant = Suggestion.Nearest(use.Tool, work.Tools.Select(known => known.Name));
            var known = work.Tools.Count == 0 ? "You have no tools." : $"Your tools: {string.Join(", ", work.Tools.Select(each => each.Name))}.";
            var refusal = await calls.AskInVain(use.Tool, use.Arguments, ct);
            return Correct($"You have no tool '{use.Tool}'. {refusal.Error}{(meant is null ? "" : $" Did you mean '{meant}'?")} {known}");
        }
        if (SchemaValidator.For(tool).Validate(use.Arguments) is { Count: > 0 } errors)
            return Correct($"The arguments of {tool.Name} are wrong: {string.Join(" ", errors)} Call it again with arguments that obey {tool.Parameters.GetRawText()}.");
        if (calls.Earlier(tool.Name, use.Arguments) is { } earlier)
            return Correct($"You made exactly this call already, as {earlier}; its result is above. Use it, or call with other arguments.");
        return prompt.ToolResult(tool.Name, await calls.Call(tool.Name, use.Arguments, ct));
    }

    private StepOutcome.Completed? Finish(ModelAction.Finish finish, bool last, ObservedCalls calls)
    {
        if (kind is not null && SchemaValidator.For(kind).Validate(finish.Value) is { Count: > 0 } errors)
        {
            Feed(finish, Correct($"The value does not obey the schema of '{kind.Name}': {string.Join(" ", errors)} Give the whole corrected value."));
            return null;
        }
        var known = work.Inputs.Concat(work.Children).Select(artifact => artifact.Id.Value).Concat(calls.CallIds).ToHashSet(StringComparer.Ordinal);
        var evidence = finish.Evidence.Where(known.Contains).Distinct(StringComparer.Ordinal).ToList();
        var confidence = Math.Min(finish.Confidence ?? 0.5, Ceiling(evidence));
        var reason = finish.Reason.Length > 0 ? finish.Reason : $"Model {model} gave no reason.";
        var result = new StepOutcome.Completed(finish.Value, confidence, model, new Rationale(reason, [], evidence));

        var doubts = new List<string>();
        if (confidence < work.Role.MinConfidence) doubts.Add($"your confidence of {AgentLoop.Percent(confidence)} is below the {AgentLoop.Percent(work.Role.MinConfidence)} asked for");
        if (evidence.Count == 0 && known.Count > 0) doubts.Add("you named no evidence that exists");
        if (doubts.Count == 0 || reflected || last) return result;
        reflected = true;
        pending = result;
        Feed(finish, Prompt.Reflect(doubts));
        return null;
    }

    /// <summary>What rests on nothing that can be looked up is never surer than an even chance.</summary>
    private static double Ceiling(IReadOnlyList<string> evidence) => evidence.Count == 0 ? 0.5 : 1;

    private StepOutcome.Ask? AskPerson(ModelAction.AskPerson ask, ObservedCalls calls)
    {
        if (ask.Question.Length == 0)
        {
            Feed(ask, Correct("The question is empty."));
            return null;
        }
        if (work.Answers.FirstOrDefault(known => known.Question == ask.Question) is not { } answered) return new StepOutcome.Ask(ask.Question, ask.Choices);
        calls.AnswersUsed.Add(ask.Question);
        Feed(ask, $"The person answered: {answered.Answer}");
        return null;
    }

    /// <summary>Helpers are spawned once per step; when they ended, the recorded turns lead here again and their artifacts are the answer.</summary>
    private StepOutcome.Spawn? Spawn(ModelAction.SpawnHelpers spawn)
    {
        if (work.Children.Count > 0)
        {
            Feed(spawn, "Your helpers have ended; this is what they made.\n" + string.Join("\n", work.Children.Select(prompt.Artifact)));
            return null;
        }
        var steps = new List<PlanStep>();
        foreach (var helper in spawn.Helpers.Take(MaxHelpers))
        {
            if (helper.Text("role") is not { Length: > 0 } role || helper.Text("instruction") is not { Length: > 0 } instruction || helper.Text("produces") is not { Length: > 0 } produces)
            {
                Feed(spawn, Correct("Each helper needs 'role', 'instruction' and 'produces'."));
                return null;
            }
            steps.Add(new PlanStep
            {
                Id = new StepId($"{work.Step.Id.Value}.{steps.Count + 1}"),
                Role = role,
                Instruction = instruction,
                Produces = produces,
                Inputs = [.. work.Inputs.Select(input => input.Id)],
                Parent = work.Step.Id,
                Depth = work.Step.Depth + 1,
            });
        }
        if (steps.Count > 0) return new StepOutcome.Spawn(steps, new Rationale(spawn.Reason.Length > 0 ? spawn.Reason : $"Model {model} asked for helpers.", [], []));
        Feed(spawn, Correct("No helper was named."));
        return null;
    }

    private string Correct(string problem)
    {
        trouble = problem;
        return problem;
    }

    private void Feed(ModelAction action, string text) =>
        replies.Add(action.NativeId is { } id ? new FunctionResultContent(id, text) : new TextContent(text));

    /// <summary>Native calls are answered by tool messages, which must come before any other.</summary>
    private void Reply()
    {
        var results = replies.Where(reply => reply is FunctionResultContent).ToList();
        var texts = replies.Where(reply => reply is not FunctionResultContent).ToList();
        if (results.Count > 0) messages.Add(new ChatMessage(ChatRole.Tool, results));
        if (texts.Count > 0) messages.Add(new ChatMessage(ChatRole.User, texts));
        replies.Clear();
    }
}
