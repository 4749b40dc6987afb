using AgentMesh.Contracts;

namespace AgentMesh.Agents.Tests.Planning;

public sealed class PlaybookProposerTests
{
    private static readonly MeshCatalogue Mesh = MeshCatalogue.Empty with
    {
        Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal)
        {
            ["maker"] = new() { Name = "maker", Purpose = "Makes.", Capabilities = [new("a", [], [], "a", "Make a.", []), new("b", [], ["a"], "b", "Make b.", [])] },
        },
        Kinds = new[] { "a", "b", "email" }.ToDictionary(k => k, k => new ArtifactKind(k, k, MeshJson.Parse("{}")) { Words = [$"want {k}"] }, StringComparer.Ordinal),
        Playbooks = new[]
        {
            new Playbook
            {
                Name = "both", Description = "Both.", Triggers = ["sort the mail", "mail"], Requires = ["email"], Deliver = [new("second")],
                Steps =
                [
                    new() { Id = new("first"), Role = "maker", Inputs = ["email"], Produces = "a", When = "exists(email.text)" },
                    new() { Id = new("second"), Role = "maker", Inputs = ["first"], Produces = "b", Optional = true },
                ],
            },
            new Playbook { Name = "one", Description = "One.", Triggers = ["mail"], Steps = [new() { Id = new("only"), Role = "maker", Produces = "a" }] },
        }.ToDictionary(p => p.Name, StringComparer.Ordinal),
    };

    private static PlanRequest Goal(string text, int emails = 1) => new(
        new GoalId("g"),
        new GoalSpec
        {
            Text = text,
            Inputs = [.. Enumerable.Range(1, emails).Select(n => new Artifact { Id = new($"in-{n}"), Kind = "email", Origin = new(null, null, null) })],
        },
        1, Mesh, [], null, null, [], []);

    private static ValueTask<Proposal> Propose(PlanRequest request) =>
        new PlaybookProposer(PlanningMeans.Unknown).Propose(request, TestContext.Current.CancellationToken);

    [Fact]
    public async Task The_best_match_is_applied_with_kinds_in_place_of_artifacts()
    {
        var plan = (await Propose(Goal("Sort the mail", emails: 2))).Plan!;
        Assert.Equal("playbook:both", plan.Proposer);
        Assert.Equal(["in-1", "in-2"], plan.Steps[0].Inputs.Select(i => i.Value));
        Assert.Equal("exists(in-1.text)", plan.Steps[0].When);
        Assert.Equal("Make a.", plan.Steps[0].Instruction);
        Assert.Equal(["first"], plan.Steps[1].Inputs.Select(i => i.Value));
        Assert.Equal("Playbook 'both' matches the goal's text by 'sort the mail', 'mail', and the email it requires is there.", plan.Why.Reason);
        Assert.Equal(["playbook one: matches less well (1 against 3)"], plan.Why.Alternatives);
    }

    [Fact]
    public async Task A_playbook_whose_requirement_is_missing_is_passed_over()
    {
        var plan = (await Propose(Goal("Sort the mail", emails: 0))).Plan!;
        Assert.Equal("playbook:one", plan.Proposer);
        Assert.Equal(["playbook both: requires email, which is not attached"], plan.Why.Alternatives);
    }

    [Fact]
    public async Task A_playbook_that_does_not_make_what_is_asked_for_is_passed_over()
    {
        Assert.Equal("playbook:both", (await Propose(Goal("mail, want b"))).Plan!.Proposer);
        Assert.Equal(
            "No playbook fits: both has no trigger in the goal's text; one has no trigger in the goal's text.", (await Propose(Goal("hello"))).Reason);
    }

    [Fact]
    public async Task After_a_failure_a_playbook_steps_aside_and_after_news_it_goes_on()
    {
        var first = (await Propose(Goal("Sort the mail"))).Plan!;
        var failed = Goal("Sort the mail") with
        {
            Version = 2, Previous = first, Failed = [new("first")], Why = Rationale.Because("Step first failed.", "first"),
        };
        Assert.Null((await Propose(failed)).Plan);

        var news = Goal("Sort the mail") with { Version = 2, Previous = first, Why = Rationale.Because("Ann said: hurry", "message 7"), Messages = ["hurry"] };
        var plan = (await Propose(news)).Plan!;
        Assert.Equal(first.Steps, plan.Steps);
        Assert.Equal((2, "playbook:both"), (plan.Version, plan.Proposer));
        Assert.Equal(first.Deliver, plan.Deliver);

        var more = (await Propose(news with { Messages = ["want a too"] })).Plan!;
        Assert.Equal(["second", "first"], more.Deliver.Select(d => d.Value));
    }
}
