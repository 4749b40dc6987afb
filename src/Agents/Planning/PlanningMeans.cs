using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Agents;

/// <summary>Who could do the steps of a plan here: rules for some, a model if there is one.</summary>
public sealed class PlanningMeans
{
    private readonly HashSet<(string Role, string Kind)>? _rules;
    private readonly IPlanningModel _model;

    /// <param name="behaviours">The rule tier; null when it is not known, and then every step counts as doable.</param>
    public PlanningMeans(IEnumerable<IRuleBehaviour>? behaviours, IPlanningModel model)
    {
        _rules = behaviours?.SelectMany(b => b.Produces.Select(p => (b.Role, p))).ToHashSet();
        _model = model;
    }

    /// <summary>No model, and nothing known of rules.</summary>
    public static readonly PlanningMeans Unknown = new(null, NoPlanningModel.Instance);

    public bool HasModel => _model.Name is not null;

    internal PlanContext Apply(PlanContext context) => context with { HasModel = HasModel, NeedsModel = NeedsModel };

    private bool NeedsModel(PlanStep step) => _rules is not null && !_rules.Contains((step.Role, step.Produces));
}
