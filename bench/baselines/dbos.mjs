// DBOS Transact: one workflow per goal. By default every model call and every tool call is a step of
// its own, as its users write it; --coarse puts a model call and its tool call into one step.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { benchmark, installedVersion } from './benchmark.mjs';
import { callModel, callTool, plan, STEPS } from './goal.mjs';

const schema = 'bench_dbos';

const fineGoal = DBOS.registerWorkflow(async (goal) => {
  const results = [];
  for (const step of await DBOS.runStep(() => plan(goal), { name: 'plan' })) {
    const call = await DBOS.runStep(() => callModel(step), { name: 'model' });
    results.push(await DBOS.runStep(() => callTool(call), { name: 'tool' }));
  }
  return results;
}, { name: 'fineGoal' });

const coarseGoal = DBOS.registerWorkflow(async (goal) => {
  const results = [];
  for (const step of await DBOS.runStep(() => plan(goal), { name: 'plan' })) {
    results.push(await DBOS.runStep(async () => {
      const call = await callModel(step);
      return { call, answer: await callTool(call) };
    }, { name: 'step' }));
  }
  return results;
}, { name: 'coarseGoal' });

await benchmark({
  system: 'dbos',
  version: installedVersion('@dbos-inc/dbos-sdk'),
  schema,
  options: { coarse: { type: 'boolean', default: false } },
  describe: ({ coarse }) => ({ durableSteps: coarse ? 'plan, and model+tool together' : 'plan, model, tool' }),

  async open({ url, pool, coarse, worker }) {
    DBOS.setConfig({
      name: 'agentmesh-baseline',
      systemDatabaseUrl: url,
      systemDatabaseSchemaName: schema,
      systemDatabasePoolSize: pool,
      executorID: `worker-${worker}`,
      applicationVersion: 'bench',
      logLevel: 'error',
    });
    await DBOS.launch();
    const workflow = coarse ? coarseGoal : fineGoal;
    return {
      async run(id, goal) {
        const handle = await DBOS.startWorkflow(workflow, { workflowID: id })(goal);
        const results = await handle.getResult();
        if (results.length !== STEPS) throw new Error(`Goal ${id} ended with ${results.length} of ${STEPS} results.`);
      },
      close: () => DBOS.shutdown(),
    };
  },

  async countPersisted(client, ids, { coarse }) {
    const stepsPerGoal = 1 + (coarse ? STEPS : 2 * STEPS);
    const { rows } = await client.query(
      `SELECT count(*)::int AS goals FROM ${schema}.workflow_status AS w
       WHERE w.workflow_uuid = ANY($1) AND w.status = 'SUCCESS'
         AND (SELECT count(*) FROM ${schema}.operation_outputs AS o
              WHERE o.workflow_uuid = w.workflow_uuid AND o.output IS NOT NULL) = $2`,
      [ids, stepsPerGoal]);
    return rows[0].goals;
  },
});
