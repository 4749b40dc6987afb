using AgentMesh.Contracts;
using static AgentMesh.Orchestration.Tests.Planning.PlanningMesh;

namespace AgentMesh.Orchestration.Tests.Planning;

public sealed class TypedPlannerTests
{
    private static string Planned(PlanContext context)
    {
        var plan = TypedPlanner.Plan(context, out var reason);
        if (plan is null) return reason;
        Assert.Empty(PlanValidator.Check(plan, context));
        Assert.Equal(reason, plan.Why.Reason);
        return Sketch(plan);
    }

    [Fact]
    public void Only_what_is_wanted_and_what_helps_without_effect_is_made()
    {
        Assert.Equal("category(in-1)", Planned(Support.Wants("category")));
        Assert.Equal("category(in-1) entities(in-1 category) passages(in-1 category entities)", Planned(Support.Wants("passages")));
        Assert.DoesNotContain("ticket", Planned(Support.Wants("reply")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_used_is_fed_where_the_plan_has_it() => Assert.EndsWith("reply(in-1 passages ticket)", Planned(Support.Wants("reply", "ticket")), StringComparison.Ordinal);

    [Fact]
    public void Text_messages_and_refusals_decide_where_nothing_is_wanted_by_name()
    {
        var asked = Support with { Spec = Support.Spec with { Text = "A reply and a ticket, please." } };
        Assert.Contains("ticket(", Planned(asked), StringComparison.Ordinal);
        Assert.DoesNotContain("ticket(", Planned(asked with { Messages = ["On second thought, no ticket."] }), StringComparison.Ordinal);
        Assert.Contains("ticket(", Planned(Support with { Spec = Support.Spec with { Text = "A reply." }, Messages = ["Open a ticket too."] }), StringComparison.Ordinal);
        Assert.Contains("--want", Planned(Support), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_reached_is_named_with_what_it_lacks()
    {
        var without = Support with { Spec = Support.Spec with { Inputs = [] } };
        Assert.Equal("'reply' needs 'email', which the goal does not have and no role that it may use makes.", Planned(without.Wants("reply")));
        Assert.Equal("'replie' is no known artifact kind; did you mean 'reply'?", Planned(Support.Wants("replie")));
        var scoped = Support.Wants("ticket");
        scoped = scoped with { Spec = scoped.Spec with { Constraints = new() { Tools = [] } } };
        Assert.Equal("No role that this goal may use makes 'ticket'.", Planned(scoped));
    }

    [Fact]
    public void What_is_there_is_not_made_again() => Assert.Equal("", Planned(Support.Wants("email")));

    [Fact]
    public void Equal_ways_are_told_apart_by_fit_and_always_the_same_way()
    {
        RoleDescriptor[] roles = [Role("b", [], Makes("x", [])), Role("a", [], Makes("x", [])), Role("c", [], Makes("x", ["email"]))];
        foreach (var order in (RoleDescriptor[][])[roles, [.. roles.Reverse()]])
        {
            var plan = TypedPlanner.Plan(new PlanContext(Catalogue(order), Support.Spec).Wants("x"), out _)!;
            Assert.Equal("c", plan.Steps[0].Role);
            Assert.Equal(2, plan.Why.Alternatives.Count);
        }
    }

    [Fact]
    public void A_way_without_effect_wins_over_an_equally_long_one_with()
    {
        var mesh = Catalogue(Role("a", ["x.create"], Makes("x", ["email"], [], "x.create")), Role("b", [], Makes("x", ["email"])));
        Assert.Equal("b", TypedPlanner.Plan(new PlanContext(mesh, Support.Spec).Wants("x"), out _)!.Steps[0].Role);
    }

    [Fact]
    public void Without_a_model_only_what_rules_can_do_is_planned()
    {
        var context = Support.Wants("category") with { HasModel = false, NeedsModel = s => s.Role == "classifier" };
        Assert.Equal("No role that this goal may use makes 'category'.", Planned(context));
    }

    [Fact]
    public void After_a_failure_done_and_running_work_is_kept_and_the_rest_planned_under_new_ids()
    {
        var first = TypedPlanner.Plan(Support.Wants("reply", "ticket"), out _)!;
        var again = Support.Wants("reply", "ticket") with
        {
            Version = 2, Previous = first, Done = [Artifact("category", "category")], Failed = [new("passages")], Skipped = [new("reply"), new("ticket")],
        };
        Assert.Equal(
            "category(in-1) passages-2(in-1 category) ticket-2(in-1 category passages-2) reply-2(in-1 passages-2 ticket-2)",
            Planned(again));
    }

    [Fact]
    public void An_effect_that_may_have_happened_is_not_planned_again()
    {
        var first = TypedPlanner.Plan(Support.Wants("ticket"), out _)!;
        var again = Support.Wants("ticket") with { Version = 2, Previous = first, Failed = [new("ticket")] };
        Assert.Equal("No role that this goal may use makes 'ticket'.", Planned(again));
    }

    [Fact]
    public void New_information_leaves_running_work_alone_and_adds_to_it()
    {
        var context = Support with { Spec = Support.Spec with { Text = "A reply." } };
        var first = TypedPlanner.Plan(context, out _)!;
        var second = TypedPlanner.Plan(context with { Version = 2, Previous = first, Messages = ["And a ticket."] }, out _)!;
        Assert.Equal(first.Steps, second.Steps.Take(first.Steps.Count));
        Assert.Equal("ticket", second.Steps[^1].Id.Value);
        Assert.Equal(["reply", "ticket"], second.Deliver.Select(d => d.Value));
    }

    [Fact]
    public void A_running_step_goes_on_without_the_optional_input_that_failed()
    {
        PlanStep passages = Step("passages", "retriever", "passages", "in-1") with { Optional = true };
        var first = Plan([passages, Step("reply", "writer", "reply", "in-1", "passages")], "reply");
        var context = Support.Wants("reply") with { Version = 2, Previous = first, Failed = [new("passages")] };
        Assert.Equal("reply(in-1)", Planned(context));
    }

    [Fact]
    public void Repair_resolves_kinds_inserts_makers_and_delivers_what_is_wanted()
    {
        var context = Support.Wants("reply");
        var repaired = TypedPlanner.Repair(Plan([Step("ticket", "clerk", "ticket", "passages")]), context);
        Assert.Equal("passages(in-1) ticket(passages in-1) reply(in-1 passages ticket)", Sketch(repaired));
        Assert.Equal(["reply"], repaired.Deliver.Select(d => d.Value));
        Assert.Empty(PlanValidator.Check(repaired, context));
    }

    [Fact]
    public void Repair_never_makes_a_step_wait_for_itself()
    {
        // The only ticket there is waits for this category; its kind as an input must not close the circle.
        var plan = Plan([Step("category", "classifier", "category", "in-1", "ticket"), Step("t", "clerk", "ticket", "in-1", "category")], "t");
        var repaired = TypedPlanner.Repair(plan, Support);
        Assert.Empty(PlanValidator.Check(repaired, Support));
        Assert.Equal("ticket(in-1) category(in-1 ticket) t(in-1 category)", Sketch(repaired));
    }

    [Fact]
    public void Repair_leaves_a_good_plan_alone_and_a_hopeless_one_to_the_validator()
    {
        var good = Plan([Step("category", "classifier", "category", "in-1")], "category");
        Assert.Equal(Sketch(good), Sketch(TypedPlanner.Repair(good, Support)));
        var hopeless = Plan([Step("a", "nobody", "nothing", "nowhere", "b"), Step("b", "nobody", "nothing", "a")], "c");
        Assert.NotEmpty(PlanValidator.Check(TypedPlanner.Repair(hopeless, Support), Support));
        var twice = Plan([good.Steps[0], good.Steps[0]], "category");
        Assert.NotEmpty(PlanValidator.Check(TypedPlanner.Repair(twice, Support), Support));
    }

    [Fact]
    public void No_smaller_plan_exists_on_any_small_mesh()
    {
        var random = new Random(11);
        var reachable = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var kinds = Enumerable.Range(0, 6).Select(n => $"k{n}").ToList();
            var capabilities = Enumerable.Range(0, random.Next(3, 9)).Select(n =>
                Role($"r{n}", [], Makes(kinds[random.Next(1, 6)], [.. Enumerable.Range(0, random.Next(4)).Select(_ => kinds[random.Next(6)]).Distinct(StringComparer.Ordinal)]))).ToList();
            var mesh = Catalogue([.. capabilities, Role("z", [], Makes("k5", ["k4", "k3"]), Makes("k4", ["k0", "k1"]))]);
            var context = new PlanContext(mesh, new GoalSpec { Text = "", Inputs = [Artifact("in-1", "k0")], Wants = ["k5", "k2"] });
            var plan = TypedPlanner.Plan(context, out _);
            var least = Least(mesh.Roles.Values.SelectMany(r => r.Capabilities).ToList(), ["k0"], ["k5", "k2"]);
            Assert.Equal(least, plan?.Steps.Count);
            if (plan is null) continue;
            reachable++;
            Assert.Empty(PlanValidator.Check(plan, context));
        }

        Assert.InRange(reachable, 200, 1_900);
    }

    // Every set of kinds that could be made, smallest first: the obvious way, for comparison.
    private static int? Least(IReadOnlyList<Capability> capabilities, string[] have, string[] wants)
    {
        string[] makeable = [.. capabilities.Select(c => c.Produces).Distinct(StringComparer.Ordinal).Except(have, StringComparer.Ordinal)];
        int? best = null;
        for (var mask = 0; mask < 1 << makeable.Length; mask++)
        {
            var chosen = makeable.Where((_, n) => (mask & (1 << n)) != 0).ToHashSet(StringComparer.Ordinal);
            HashSet<string> there = new(have, StringComparer.Ordinal);
            while (capabilities.FirstOrDefault(c => chosen.Contains(c.Produces) && !there.Contains(c.Produces) && c.Consumes.All(there.Contains)) is { } next) there.Add(next.Produces);
            if (wants.All(there.Contains) && chosen.All(there.Contains) && (best is null || chosen.Count < best)) best = chosen.Count;
        }

        return best;
    }

    [Fact]
    public void A_mesh_full_of_choices_is_planned_within_bounds()
    {
        // 40 layers with 12 ways each, each way from two kinds of the layer below: far more plans than could be tried.
        var roles = Enumerable.Range(1, 40).SelectMany(layer => Enumerable.Range(0, 12).Select(n =>
            Role($"r{layer}-{n}", [], Makes($"k{layer}-{n % 4}", layer == 1 ? ["email"] : [$"k{layer - 1}-{n % 4}", $"k{layer - 1}-{(n + 1 + (n / 4)) % 4}"])))).ToList();
        var context = new PlanContext(Catalogue([.. roles]), Support.Spec with { Wants = ["k40-0"], Constraints = new() { MaxSteps = 1_000 } });
        Assert.NotEqual("none", Planned(context));
        Assert.NotNull(TypedPlanner.Plan(context, out _));
    }
}
