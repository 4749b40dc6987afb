import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { HttpAgent } from '@ag-ui/client';
import { mailBase64, post } from './world.js';

const asks = (text) => [{
  id: randomUUID(), role: 'user',
  content: [{ type: 'text', text }, { type: 'document', source: { type: 'data', value: mailBase64, mimeType: 'message/rfc822' }, metadata: { filename: 'mail.eml' } }],
}];

export function agui(world) {
  const agent = (text) => new HttpAgent({ url: `${world.url}/ag-ui`, threadId: randomUUID(), initialMessages: asks(text) });

  async function run(agent, parameters) {
    const events = [];
    const { result, newMessages } = await agent.runAgent(parameters, { onEvent: ({ event }) => { events.push(event); } });
    return { events, types: events.map((e) => e.type), result, newMessages };
  }

  it('runs a goal as events that the client accepts', async () => {
    const one = agent('What is this mail about?');
    const { events, types, newMessages } = await run(one, { forwardedProps: { playbook: 'triage' } });
    assert.equal(types[0], 'RUN_STARTED');
    assert.equal(types.at(-1), 'RUN_FINISHED');
    for (const type of ['STATE_SNAPSHOT', 'STATE_DELTA', 'STEP_STARTED', 'STEP_FINISHED', 'TEXT_MESSAGE_START', 'TEXT_MESSAGE_CONTENT', 'TEXT_MESSAGE_END']) assert.ok(types.includes(type), `${type} of ${types}`);
    assert.match(newMessages.at(-1).content, /billing/);
    assert.equal(one.state.status, 'Completed');
    assert.deepEqual(one.state.steps, { category: 'Completed' });
    assert.equal(events.at(-1).outcome.type, 'success');
  });

  it('is interrupted by an approval and resumed by the decision', async () => {
    const one = agent('Answer this mail');
    const first = await run(one, { forwardedProps: { playbook: 'support' } });
    const { outcome } = first.events.at(-1);
    assert.equal(outcome.type, 'interrupt');
    assert.equal(outcome.interrupts[0].reason, 'approval');
    assert.equal(outcome.interrupts[0].metadata.tool, 'ticket.create');

    const second = await run(one, { resume: outcome.interrupts.map((i) => ({ interruptId: i.id, status: 'resolved', payload: { verdict: 'approve' } })) });
    for (const type of ['TOOL_CALL_START', 'TOOL_CALL_ARGS', 'TOOL_CALL_END', 'TOOL_CALL_RESULT']) assert.ok(second.types.includes(type), `${type} of ${second.types}`);
    assert.equal(second.events.find((e) => e.type === 'TOOL_CALL_START').toolCallName, 'ticket.create');
    assert.equal(second.events.at(-1).outcome.type, 'success');
    assert.equal(one.state.steps.reply, 'Completed');
    assert.match(second.newMessages.at(-1).content, /T-\d/);
  });

  it('says in its own form what is wrong', async () => {
    const input = { threadId: 't', runId: 'r', messages: [{ id: '1', role: 'user', content: 'x' }], tools: [], context: [], state: {}, forwardedProps: {} };
    for (const [body, status] of [
      ['{', 400], [{}, 400], [{ ...input, messages: 7 }, 400], [{ ...input, messages: [] }, 422], [{ ...input, threadId: '' }, 422], [{ ...input, forwardedProps: { playbook: 'karaoke' } }, 422],
      [{ ...input, messages: [{ id: '1', role: 'user', content: [{ type: 'image', source: { type: 'url', value: 'http://127.0.0.1/' } }] }] }, 422],
      [{ ...input, resume: [{ interruptId: 'nobody', status: 'resolved' }] }, 404], [{ ...input, resume: [{ interruptId: 'nobody#r', status: 'resolved' }] }, 404],
      ['{"threadId":"t","runId":"r","messages":[{"role":"user","content":"\\ud800"}]}', 400],
    ]) {
      const answer = await post(`${world.url}/ag-ui`, body);
      assert.deepEqual([answer.status, answer.json.type], [status, 'RUN_ERROR'], JSON.stringify([body, answer.json]));
      assert.ok(answer.json.message && answer.json.code);
    }
  });
}
