using AgentMesh.Contracts;
using static AgentMesh.Orchestration.Tests.Planning.PlanningMesh;

namespace AgentMesh.Orchestration.Tests.Planning;

public sealed class PlanValidatorTests
{
    private static readonly PlanStep Category = Step("category", "classifier", "category", "in-1");
    private static readonly PlanStep Ticket = Step("ticket", "clerk", "ticket", "in-1", "category");

    private static void Wrong(string error, Plan plan, PlanContext? context = null) =>
        Assert.Equal([error], PlanValidator.Check(plan, context ?? Support));

    [Fact]
    public void A_good_plan_has_no_errors() => Assert.Empty(PlanValidator.Check(Plan([Category, Ticket], "ticket", "category"), Support));

    [Fact]
    public void A_cycle_is_named_along_its_way()
    {
        var a = Step("a", "classifier", "category", "in-1", "c");
        var b = Step("b", "classifier", "category", "in-1", "a");
        var c = Step("c", "classifier", "category", "in-1", "b");
        Wrong("The steps wait for each other: a → b → c → a; take one of these inputs away.", Plan([a, b, c], "c"));
        Wrong("The steps wait for each other: a → a; take one of these inputs away.", Plan([a with { Inputs = [new("in-1"), new("a")] }], "a"));
    }

    [Theory]
    [InlineData("Category")]
    [InlineData("1st")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void An_id_has_a_form(string id) => Wrong(
        $"Step '{id}' needs another id: a lower-case letter, then letters, digits and '-', 64 at most.", Plan([Category with { Id = new(id) }], id));

    [Fact]
    public void Ids_are_unique_and_not_those_of_attachments()
    {
        Wrong("Two steps have the id 'category'; give one of them another.", Plan([Category, Category], "category"));
        Wrong("Step 'in-1' has the id of a submitted artifact; give it another.", Plan([Category with { Id = new("in-1"), Inputs = [new("in-2")] }], "in-1"),
            Support with { Spec = Support.Spec with { Inputs = [Artifact("in-1", "email"), Artifact("in-2", "email")] } });
    }

    [Fact]
    public void Names_are_known_and_a_slip_is_recognised()
    {
        Wrong("Step 'category' is for role 'clasifier', which does not exist; did you mean 'classifier'?", Plan([Category with { Role = "clasifier" }], "category"));
        Wrong("Step 'category' makes 'categroy', which is no known artifact kind; did you mean 'category'?", Plan([Category with { Produces = "categroy" }], "category"));
        Wrong("Step 'ticket' needs 'categori', which no step makes and nobody submitted; did you mean 'category'?",
            Plan([Category, Ticket with { Inputs = [new("in-1"), new("categori")] }], "ticket"));
        Wrong("The plan delivers 'tikcet', which no step makes; did you mean 'ticket'?", Plan([Category, Ticket], "tikcet"));
        Wrong("Step 'ticket' names tool 'ticket.creat', which does not exist; did you mean 'ticket.create'?",
            Plan([Category, Ticket with { Tools = ["ticket.creat", "ticket.create"] }], "ticket"));
    }

    [Fact]
    public void A_role_makes_its_own_kinds_from_what_it_needs_with_tools_it_gets()
    {
        Wrong("Step 'category' wants 'category' from role 'writer', which makes reply.", Plan([Category with { Role = "writer" }], "category"));
        Wrong("Step 'ticket' lacks an input of kind 'email', which role 'clerk' needs to make 'ticket'.",
            Plan([Category, Ticket with { Inputs = [new("category")] }], "ticket"));
        Wrong("Step 'ticket' may use none of the tools that role 'clerk' makes 'ticket' with: ticket.create.", Plan([Category, Ticket with { Tools = [] }], "ticket"));
        Wrong("Step 'category' names tool 'ticket.create', which role 'classifier' may not use.", Plan([Category with { Tools = ["ticket.create"] }], "category"));
        var scoped = Support with { Spec = Support.Spec with { Constraints = new() { Tools = ["knowledge.search"] } } };
        Wrong("Step 'ticket' may use none of the tools that role 'clerk' makes 'ticket' with: ticket.create.", Plan([Category, Ticket], "ticket"), scoped);
    }

    [Fact]
    public void A_condition_reads_and_looks_back_only()
    {
        Assert.Empty(PlanValidator.Check(Plan([Category, Ticket with { When = "category.label == 'billing' and exists(in-1.subject)" }], "ticket"), Support));
        Wrong("Step 'ticket' has a condition that cannot be read, at character 16: '=' does not compare; write '=='.",
            Plan([Category, Ticket with { When = "category.label = 'billing'" }], "ticket"));
        Wrong("Step 'category' has a condition on 'ticket', which it does not wait for; add 'ticket' to its inputs.",
            Plan([Category with { When = "exists(ticket)" }, Ticket], "ticket"));
        Wrong("Step 'ticket' has a condition on 'categry', which no step makes and nobody submitted; did you mean 'category'?",
            Plan([Category, Ticket with { When = "exists(categry)" }], "ticket"));
    }

    [Fact]
    public void Something_is_delivered_and_what_is_wanted_is_among_it()
    {
        Wrong("The plan delivers nothing; name the steps whose artifacts are the result.", Plan([Category]));
        Wrong("The goal wants 'reply', which the plan does not deliver.", Plan([Category], "category"), Support.Wants("reply"));
        Wrong("The goal wants 'replie', which is no known artifact kind; did you mean 'reply'?", Plan([Category], "category"), Support.Wants("replie"));
        Assert.Equal(
            ["The plan has no steps and delivers nothing; give it at least one step.", "The plan delivers nothing; name the steps whose artifacts are the result."],
            PlanValidator.Check(Plan([]), Support));
        Assert.Empty(PlanValidator.Check(Plan([], "in-1"), Support.Wants("email")));
    }

    [Fact]
    public void Limits_hold()
    {
        PlanContext Limited(GoalConstraints c) => Support with { Spec = Support.Spec with { Constraints = c } };
        Wrong("The goal would have 2 steps in all; its limit is 1.", Plan([Category, Ticket], "ticket"), Limited(new() { MaxSteps = 1 }));
        Wrong("Step 'category' is 4 agents deep; the goal allows 3.", Plan([Category with { Depth = 4 }], "category"));
        Wrong("Step 'category' is never tried; allow at least one attempt.", Plan([Category with { Retry = new(0, default, default) }], "category"));
        Wrong("Step 'category' gets no time; give it a timeout above zero or none.", Plan([Category with { Timeout = TimeSpan.Zero }], "category"));
        Wrong("The plan needs at least 1 tool calls; the goal's budget allows 0.", Plan([Category, Ticket], "ticket"), Limited(new() { Budget = new() { ToolCalls = 0 } }));
        Wrong("The plan needs at least 2 model calls; the goal's budget allows 1.", Plan([Category, Ticket], "ticket"),
            Limited(new() { Budget = new() { ModelCalls = 1 } }) with { NeedsModel = _ => true });
        Wrong("Step 'ticket' needs a model (role 'clerk' has no rules for 'ticket') and none is configured.", Plan([Category, Ticket], "ticket"),
            Support with { HasModel = false, NeedsModel = s => s.Role == "clerk" });
    }

    [Fact]
    public void History_binds()
    {
        var before = Plan([Category, Ticket], "ticket");
        var done = Support with { Version = 2, Previous = before, Done = [Artifact("category", "category")] };
        Assert.Empty(PlanValidator.Check(Plan([Category, Ticket], "ticket"), done));
        Assert.Empty(PlanValidator.Check(Plan([Ticket], "ticket"), done));
        Wrong("Step 'category' was other work in version 1; give the new work another id.", Plan([Category with { Instruction = "Otherwise." }, Ticket], "ticket"), done);

        var failed = done with { Failed = [new("ticket")] };
        Assert.Equal(["Step 'ticket' has ended without a result; plan its work anew under another id."], PlanValidator.Check(Plan([Category, Ticket], "category"), failed));
        Wrong("Step 'ticket-2' would do again what 'ticket' failed at, and its effect may have happened; a person must decide that.",
            Plan([Category, Ticket with { Id = new("ticket-2") }], "ticket-2"), failed);
        Assert.Empty(PlanValidator.Check(Plan([Category, Ticket with { Id = new("ticket-2") }], "ticket-2"), done with { Skipped = [new("ticket")] }));
    }

    [Fact]
    public void A_plan_that_is_wrong_throughout_is_answered_soon_and_shortly()
    {
        var steps = Enumerable.Range(0, 1_000).Select(n => Step($"s{n}", "x", "y", [.. Enumerable.Range(0, 20).Select(i => $"missing-{n}-{i}")])).ToList();
        Assert.InRange(PlanValidator.Structure(Plan(steps, "s0"), []).Count, 1, 100);
        Assert.Equal(["The plan has 1001 steps; at most 1000 are looked at."], PlanValidator.Structure(Plan([.. steps, Category], "s0"), []));
        var chain = Enumerable.Range(0, 1_000).Select(n => Step($"s{n}", "x", "y", n == 0 ? [] : [$"s{n - 1}"])).ToList();
        Assert.Empty(PlanValidator.Structure(Plan(chain, "s999"), []));
    }

    [Fact]
    public void A_structure_without_errors_never_leaves_a_step_waiting()
    {
        var random = new Random(7);
        var sound = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var count = random.Next(1, 7);
            var steps = Enumerable.Range(0, count).Select(n => Step($"s{n}", "r", "k",
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(8) == 0 ? "in-1" : $"s{random.Next(count + (random.Next(10) == 0 ? 1 : 0))}").Distinct(StringComparer.Ordinal)])).ToList();
            if (PlanValidator.Structure(Plan(steps, "s0"), [new("in-1")]).Count > 0) continue;

            sound++;
            HashSet<ArtifactId> there = [new("in-1")];
            while (steps.Where(s => !there.Contains(s.Id.Artifact)).FirstOrDefault(s => s.Inputs.All(there.Contains)) is { } ready) there.Add(ready.Id.Artifact);
            Assert.All(steps, s => Assert.Contains(s.Id.Artifact, there));
        }

        Assert.InRange(sound, 1_000, 19_000);
    }
}
