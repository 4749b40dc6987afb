import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { Role, TaskState } from '@a2a-js/sdk';
import { ClientFactory } from '@a2a-js/sdk/client';
import { TaskNotCancelableError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { mail, post } from './world.js';

const text = (value) => ({ content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: 'text/plain' });
const data = (value) => ({ content: { $case: 'data', value }, metadata: undefined, filename: '', mediaType: 'application/json' });
const file = { content: { $case: 'raw', value: Buffer.from(mail) }, metadata: undefined, filename: 'mail.eml', mediaType: 'message/rfc822' };

function sent(parts, { playbook, taskId = '', returnImmediately = false } = {}) {
  return {
    tenant: '',
    message: { messageId: randomUUID(), contextId: '', taskId, role: Role.ROLE_USER, parts, metadata: playbook ? { playbook } : undefined, extensions: [], referenceTaskIds: [] },
    configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately },
    metadata: undefined,
  };
}

export function a2a(world) {
  const connect = () => new ClientFactory().createFromUrl(world.url);

  it('shows its card to everybody, and its playbooks to its callers', async () => {
    const client = await connect();
    const skills = (await client.getAgentCard()).skills.map((s) => s.id);
    assert.ok(skills.includes('goal') && skills.includes('playbook-triage'), skills.join());
    assert.deepEqual((await (await fetch(`${world.url}/.well-known/agent-card.json`)).json()).skills.map((s) => s.id), ['goal']);
  });

  it('carries out a message and shows the task again', async () => {
    const client = await connect();
    const task = await client.sendMessage(sent([text('What is this mail about?'), file], { playbook: 'triage' }));
    assert.equal(task.status.state, TaskState.TASK_STATE_COMPLETED);
    assert.match(task.artifacts[0].parts[0].content.value, /billing/);
    const again = await client.getTask({ tenant: '', id: task.id });
    assert.deepEqual([again.id, again.status.state, again.artifacts.length], [task.id, task.status.state, 1]);
    await assert.rejects(async () => { for await (const _ of client.resubscribeTask({ tenant: '', id: task.id })); }, UnsupportedOperationError);
    await assert.rejects(client.sendMessage(sent([text('More')], { taskId: task.id })), UnsupportedOperationError);
  });

  it('streams a task up to what it asks, takes the decision, and ends', async () => {
    const client = await connect();
    const events = [];
    for await (const event of client.sendMessageStream(sent([text('Answer this mail'), file], { playbook: 'support' }))) events.push(event.payload);
    assert.equal(events[0].$case, 'task');
    const asked = events.at(-1).value;
    assert.equal(asked.status.state, TaskState.TASK_STATE_INPUT_REQUIRED);
    assert.ok(events.some((e) => e.$case === 'statusUpdate' && e.value.status.state === TaskState.TASK_STATE_WORKING));
    const [approval] = asked.status.message.parts[1].content.value.approvals;
    assert.equal(approval.tool, 'ticket.create');

    const rest = [];
    for await (const event of client.sendMessageStream(sent([data({ request: approval.request, verdict: 'approve' })], { taskId: asked.taskId }))) rest.push(event.payload);
    assert.equal(rest.at(-1).value.status.state, TaskState.TASK_STATE_COMPLETED);
    const artifacts = rest.filter((e) => e.$case === 'artifactUpdate').map((e) => e.value.artifact.name);
    assert.ok(artifacts.includes('ticket') && artifacts.includes('reply'), artifacts.join());
  });

  it('cancels a task once', async () => {
    const client = await connect();
    const task = await client.sendMessage(sent([text('Answer this mail'), file], { playbook: 'support' }));
    assert.equal(task.status.state, TaskState.TASK_STATE_INPUT_REQUIRED);
    assert.equal((await client.cancelTask({ tenant: '', id: task.id, metadata: undefined })).status.state, TaskState.TASK_STATE_CANCELED);
    await assert.rejects(client.cancelTask({ tenant: '', id: task.id, metadata: undefined }), TaskNotCancelableError);
    await assert.rejects(client.getTask({ tenant: '', id: 'nobody' }), TaskNotFoundError);
  });

  it('answers bad input in the form of JSON-RPC', async () => {
    const rpc = (method, params, headers) => post(`${world.url}/a2a`, { jsonrpc: '2.0', id: 1, method, params }, headers);
    const message = { messageId: 'm', role: 'ROLE_USER' };
    for (const [method, params, code, headers] of [
      ['Sing', {}, -32601], ['ListTasks', {}, -32004], ['CreateTaskPushNotificationConfig', {}, -32003], ['SendMessage', {}, -32602], ['SendMessage', { message: { ...message, parts: [] } }, -32602], ['SendMessage', { message: { ...message, parts: 7 } }, -32602],
      ['SendMessage', { message: { ...message, parts: [{ url: 'http://127.0.0.1/' }] } }, -32005], ['SendMessage', { message: { ...message, parts: [{ text: 'x' }], metadata: { playbook: 'karaoke' } } }, -32602],
      ['SendMessage', { message: { ...message, parts: [{ raw: '!' }] } }, -32602], ['GetTask', { id: 'nobody' }, -32001], ['GetTask', { id: 7 }, -32602], ['CancelTask', { id: 'nobody' }, -32001],
      ['GetTask', { id: 'x' }, -32009, { 'A2A-Version': '0.3' }],
    ]) {
      const answer = await rpc(method, params, headers);
      assert.deepEqual([answer.status, answer.json.error?.code], [200, code], JSON.stringify([method, params, answer.json]));
    }
    assert.equal((await post(`${world.url}/a2a`, '{')).json.error.code, -32700);
  });
}
