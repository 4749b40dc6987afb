/** An agent's name within its goal: `worker/1` of `goal/worker/1`. */
export const agentName = <T extends string | undefined>(goal: string, agent: T): T => (agent?.startsWith(`${goal}/`) ? (agent.slice(goal.length + 1) as T) : agent);
