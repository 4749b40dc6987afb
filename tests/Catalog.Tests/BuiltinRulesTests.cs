using AgentMesh.Agents;
using AgentMesh.Agents.Rules;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog.Tests;

/// <summary>The built-in catalogue and the rule tier fit each other.</summary>
public sealed class BuiltinRulesTests
{
    [Theory]
    [InlineData("support", "email")]
    [InlineData("jira-triage", "email")]
    [InlineData("earnings", "table")]
    [InlineData("file-search", null)]
    public async Task Without_a_model_every_builtin_playbook_is_a_plan_that_rules_can_do(string playbook, string? attached)
    {
        var request = Mesh.Goal("go", attached is null ? [] : [attached], playbook: playbook);
        var result = await Planner.Create(NoPlanningModel.Instance, RuleTier.BuiltIn()).Make(request, TestContext.Current.CancellationToken);
        Assert.Equal($"playbook:{playbook}", Assert.IsType<PlanningResult.Accepted>(result).Plan.Proposer);
    }

    [Fact]
    public void Every_capability_of_a_builtin_role_has_a_rule_and_every_rule_a_capability()
    {
        var capabilities = Mesh.Builtin.Roles.Values.SelectMany(r => r.Capabilities.Select(c => (r.Name, c.Produces))).ToHashSet();
        var rules = RuleTier.BuiltIn().SelectMany(b => b.Produces.Select(p => (b.Role, p))).ToHashSet();
        Assert.Equal(rules.Order(), capabilities.Order());
    }

    [Fact]
    public void Every_builtin_kind_has_a_schema_that_values_can_be_checked_with()
    {
        foreach (var kind in Mesh.Builtin.Kinds.Values)
            Assert.NotEmpty(SchemaValidator.For(kind).Validate(MeshJson.Parse("5")));
    }

    [Fact]
    public async Task A_notification_tells_of_what_the_goal_makes_anyway()
    {
        var plan = await Mesh.Plan(Mesh.Goal("go", ["table"], ["brief", "notification"]));
        Assert.Equal("metrics(in-1) brief(metrics in-1) notification(brief)", Mesh.Sketch(plan));
    }
}
