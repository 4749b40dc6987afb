// The work every system in the benchmark does: one plan, then four steps of one model call and one
// tool call each. Model and tool answer at once, so what is measured is the cost of durability.

export const STEPS = 4;

export async function plan(goal) {
  return Array.from({ length: STEPS }, (_, i) => ({
    id: `s${i + 1}`,
    role: 'analyst',
    instruction: `Work out part ${i + 1} of: ${goal}`,
  }));
}

export async function callModel(step) {
  return { tool: 'lookup', arguments: { query: step.instruction } };
}

export async function callTool(call) {
  return { found: true, text: `Answer to ${call.arguments.query}` };
}
