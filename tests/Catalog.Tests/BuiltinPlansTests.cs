using AgentMesh.Contracts;

namespace AgentMesh.Catalog.Tests;

public sealed class BuiltinPlansTests
{
    private const string SupportSketch =
        "category(in-1) entities(in-1) passages(in-1 category entities) ticket(in-1 category entities passages) reply(in-1 category entities passages ticket)";

    [Fact]
    public void Builtin_files_have_no_diagnostics()
    {
        var build = CatalogueBuilder.Load(Mesh.Tools, CatalogueFolders.None);
        Assert.Empty(build.Diagnostics);
        Assert.Equal(["analyst", "classifier", "clerk", "retriever", "writer"], build.Catalogue.Roles.Keys);
        Assert.Equal(["earnings", "file-search", "jira-triage", "support"], build.Catalogue.Playbooks.Keys);
        Assert.Equal(
            ["brief", "category", "document", "email", "entities", "findings", "issue", "metrics", "notification", "passages", "reply", "table", "ticket"],
            build.Catalogue.Kinds.Keys);
        Assert.Equal("built-in", build.Origins["role:clerk"]);
    }

    [Theory]
    [InlineData("support")]
    [InlineData("jira-triage")]
    [InlineData("earnings")]
    [InlineData("file-search")]
    public void Every_builtin_playbook_passes_the_check_that_users_files_get(string name) =>
        Assert.Empty(PlaybookLoader.ValidateText(Builtin.Text($"builtin/playbooks/{name}.yaml"), name, Mesh.Builtin));

    [Theory]
    [InlineData("Handle this support email")]
    [InlineData("Classify this support email, read out the customer's account id, find the two relevant articles, open a ticket and draft a reply.")]
    [InlineData("Answer this customer email and open a ticket")]
    public async Task A_support_text_is_planned_by_the_support_playbook(string text)
    {
        var plan = await Mesh.Plan(Mesh.Goal(text, ["email"]));
        Assert.Equal("playbook:support", plan.Proposer);
        Assert.Equal(SupportSketch, Mesh.Sketch(plan));
        Assert.Equal(["category", "entities", "passages", "ticket", "reply"], plan.Deliver.Select(d => d.Value));
        Assert.Contains("support", plan.Why.Reason, StringComparison.Ordinal);
        Assert.Contains(plan.Why.Alternatives, a => a.StartsWith("playbook jira-triage:", StringComparison.Ordinal));
        Assert.Equal(["in-1"], plan.Why.Evidence);
    }

    [Theory]
    [InlineData("Triage this email into Jira", "jira-triage", "category entities passages issue")]
    [InlineData("Open a Jira ticket for this customer email", "jira-triage", "category entities passages issue")]
    public async Task A_text_about_jira_is_planned_by_the_jira_playbook(string text, string playbook, string steps)
    {
        var plan = await Mesh.Plan(Mesh.Goal(text, ["email"]));
        Assert.Equal($"playbook:{playbook}", plan.Proposer);
        Assert.Equal(steps, string.Join(' ', plan.Steps.Select(s => s.Id)));
    }

    [Theory]
    [InlineData("table table")]
    [InlineData("")]
    public async Task Earnings_take_tables_where_there_are_any(string attached)
    {
        var tables = attached.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var plan = await Mesh.Plan(Mesh.Goal("Write the earnings brief for Q3", tables));
        Assert.Equal("playbook:earnings", plan.Proposer);
        Assert.Equal(tables.Length, plan.Steps[0].Inputs.Count);
        Assert.Equal(["sql.query", "csv.read", "calc.evaluate"], plan.Steps[0].Tools);
        Assert.Equal("exists(metrics.metrics[0])", plan.Steps[1].When);
    }

    [Fact]
    public async Task File_search_gives_each_step_only_its_own_tools()
    {
        var plan = await Mesh.Plan(Mesh.Goal("Find what the folder says about refunds and notify me", []));
        Assert.Equal("playbook:file-search", plan.Proposer);
        Assert.Equal(["files.list", "files.read", "files.search"], plan.Steps[0].Tools);
        Assert.Equal(["notify.send"], plan.Steps[1].Tools);
        Assert.Equal("find() notify(find)", Mesh.Sketch(plan));
    }

    [Fact]
    public async Task A_wanted_reply_opens_no_ticket()
    {
        var plan = await Mesh.Plan(Mesh.Goal("Draft a reply to this customer email", ["email"]));
        Assert.Equal("typed", plan.Proposer);
        Assert.Equal("category(in-1) entities(in-1 category) passages(in-1 category entities) reply(in-1 category entities passages)", Mesh.Sketch(plan));
        Assert.Contains(plan.Why.Alternatives, a => a.Contains("support makes ticket", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_ticket_is_not_opened()
    {
        var plan = await Mesh.Plan(Mesh.Goal("Handle this support email and draft a reply, but don't open a ticket", ["email"]));
        Assert.DoesNotContain(plan.Steps, s => s.Produces == "ticket");
        Assert.Contains(plan.Steps, s => s.Produces == "reply");
    }

    [Fact]
    public async Task Wants_decide_without_a_word_of_text()
    {
        var plan = await Mesh.Plan(Mesh.Goal("go", ["email"], ["issue"]));
        Assert.Equal("typed", plan.Proposer);
        Assert.Equal(["issue"], plan.Deliver.Select(d => d.Value));
        Assert.Equal("issue", plan.Steps[^1].Id.Value);
    }

    [Fact]
    public async Task What_cannot_be_made_is_said()
    {
        var errors = await Mesh.Errors(Mesh.Goal("go", [], ["reply"]));
        Assert.Contains("typed: 'reply' needs 'email', which the goal does not have and no role that it may use makes.", errors);
        errors = await Mesh.Errors(Mesh.Goal("go", [], ["replie"]));
        Assert.Contains(errors, e => e.Contains("did you mean 'reply'?", StringComparison.Ordinal));
        errors = await Mesh.Errors(Mesh.Goal("hello there", []));
        Assert.Contains(errors, e => e.Contains("--want", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_named_playbook_is_followed_or_refused_and_never_replaced()
    {
        var plan = await Mesh.Plan(Mesh.Goal("whatever", ["email"], playbook: "support"));
        Assert.Equal(SupportSketch, Mesh.Sketch(plan));
        Assert.Equal(["There is no playbook 'suport'; did you mean 'support'?"], await Mesh.Errors(Mesh.Goal("reply", ["email"], playbook: "suport")));
        Assert.Equal(
            ["Playbook 'support' requires an artifact of kind 'email'; attach one."], await Mesh.Errors(Mesh.Goal("reply", [], playbook: "support")));
        var goal = Mesh.Goal("reply", ["email"], playbook: "support");
        goal = goal with { Spec = goal.Spec with { Constraints = new GoalConstraints { Tools = ["knowledge.search"] } } };
        Assert.Equal(["playbook: Step 'ticket' names tool 'ticket.create', which this goal may not use."], (await Mesh.Errors(goal)).Take(1));
    }

    [Fact]
    public async Task A_mesh_without_a_tool_still_has_its_catalogue_and_plans_around_it()
    {
        var catalogue = CatalogueBuilder.Build(Mesh.Tools.Where(t => t.Name != "sql.query"), CatalogueFolders.None);
        var plan = await Mesh.Plan(Mesh.Goal("Write the earnings brief", ["table"]) with { Catalogue = catalogue });
        Assert.Equal("typed", plan.Proposer);
        Assert.Equal(["csv.read", "calc.evaluate"], plan.Steps[0].Tools);
        Assert.Contains(plan.Why.Alternatives, a => a.Contains("'sql.query'", StringComparison.Ordinal));
    }
}
