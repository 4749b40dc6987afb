// LangGraph.js with its PostgresSaver: a graph of plan → s1 → s2 → s3 → s4, one thread per goal.
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import pg from 'pg';
import { benchmark, installedVersion } from './benchmark.mjs';
import { callModel, callTool, plan, STEPS } from './goal.mjs';

const schema = 'bench_langgraph';

// The saver writes one checkpoint for the input, one for entering the graph and one per node.
const checkpointsPerGoal = STEPS + 3;

const State = Annotation.Root({
  goal: Annotation(),
  plan: Annotation(),
  results: Annotation({ reducer: (all, more) => all.concat(more), default: () => [] }),
});

function runStep(index) {
  return async (state) => {
    const step = state.plan[index];
    const call = await callModel(step);
    return { results: [{ step: step.id, call, answer: await callTool(call) }] };
  };
}

function buildGraph(checkpointer) {
  const graph = new StateGraph(State)
    .addNode('make_plan', async (state) => ({ plan: await plan(state.goal) }))
    .addEdge(START, 'make_plan');
  let previous = 'make_plan';
  for (let index = 0; index < STEPS; index++) {
    const name = `s${index + 1}`;
    graph.addNode(name, runStep(index)).addEdge(previous, name);
    previous = name;
  }
  return graph.addEdge(previous, END).compile({ checkpointer });
}

await benchmark({
  system: 'langgraph',
  version: `${installedVersion('@langchain/langgraph')} + checkpoint-postgres ${installedVersion('@langchain/langgraph-checkpoint-postgres')}`,
  schema,
  options: { durability: { type: 'string', default: 'sync' } },
  describe: ({ durability }) => {
    if (!['sync', 'async'].includes(durability)) {
      throw new Error(`--durability must be sync or async; "${durability}" does not make every step durable.`);
    }
    return { durability };
  },

  async open({ url, pool: max, durability }) {
    const pool = new pg.Pool({ connectionString: url, max });
    const saver = new PostgresSaver(pool, undefined, { schema });
    await saver.setup();
    const graph = buildGraph(saver);
    return {
      async run(id, goal) {
        const state = await graph.invoke({ goal }, { configurable: { thread_id: id }, durability });
        if (state.results.length !== STEPS) {
          throw new Error(`Goal ${id} ended with ${state.results.length} of ${STEPS} results.`);
        }
      },
      close: () => saver.end(),
    };
  },

  async countPersisted(client, ids) {
    const { rows } = await client.query(
      `SELECT count(*)::int AS goals FROM (
         SELECT thread_id FROM ${schema}.checkpoints WHERE thread_id = ANY($1)
         GROUP BY thread_id HAVING count(*) >= $2 AND max((metadata->>'step')::int) = $3) AS complete`,
      [ids, checkpointsPerGoal, STEPS + 1]);
    return rows[0].goals;
  },
});
