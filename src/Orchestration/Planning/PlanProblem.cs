namespace AgentMesh.Orchestration;

/// <summary>One thing that is wrong with a plan.</summary>
/// <param name="Step">The step's place in the plan; null when the plan as a whole is meant.</param>
/// <param name="Member">The part of the step or plan: <c>id</c>, <c>role</c>, <c>inputs</c>, <c>when</c>, <c>tools</c>, <c>produces</c>, <c>deliver</c>, …</param>
/// <param name="Item">The place within that part, where it is a list.</param>
/// <param name="Message">One sentence that names the step.</param>
public sealed record PlanProblem(int? Step, string Member, int? Item, string Message);
