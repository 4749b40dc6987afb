import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as current from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { mail, mailBase64, post } from './world.js';

const self = { name: 'protocols', version: '1.0.0' };

/** With a handshake, as up to 2025-11-25. */
export function mcp(world) {
  async function connect() {
    const client = new Client(self);
    await client.connect(new StreamableHTTPClientTransport(new URL(`${world.url}/mcp`)));
    return client;
  }

  it('shakes hands', async () => {
    const client = await connect();
    assert.equal(client.getServerVersion().name, 'agentmesh');
    await client.ping();
    await client.close();
  });

  mesh(connect, (client, name, args, options) => client.callTool({ name, arguments: args }, undefined, options), -32002);

  it('answers what is no request of the protocol in its form', async () => {
    for (const [body, code] of [
      ['{', -32700], ['[]', -32700], ['{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}', -32700], [{ id: 1, method: 'ping' }, -32600], [{ jsonrpc: '2.0', id: {}, method: 'ping' }, -32600],
      [{ jsonrpc: '2.0', id: 1, method: 7 }, -32600], [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, -32602], [{ jsonrpc: '2.0', id: 1, method: 'sing' }, -32601],
      [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 7 } }, -32602], ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\\ud800"}}', -32700],
    ]) {
      const answer = await post(`${world.url}/mcp`, body);
      assert.deepEqual([answer.status, answer.json.jsonrpc, answer.json.error?.code], [200, '2.0', code], JSON.stringify([body, answer.json]));
    }
    assert.equal((await post(`${world.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'MCP-Protocol-Version': '1999-01-01' })).status, 400);
    assert.equal((await post(`${world.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'MCP-Protocol-Version': '2025-03-26' })).status, 400);
    assert.equal((await fetch(`${world.url}/mcp`)).status, 405);
    assert.equal((await fetch(`${world.url}/mcp`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' })).status, 202);
  });
}

/** Without one, as since 2026-07-28. */
export function mcpCurrent(world) {
  const version = '2026-07-28';

  async function connect() {
    const client = new current.Client(self, { versionNegotiation: { mode: { pin: version } } });
    await client.connect(new current.StreamableHTTPClientTransport(new URL(`${world.url}/mcp`)));
    return client;
  }

  it('is discovered', async () => {
    const client = await connect();
    assert.equal(client.getServerVersion().name, 'agentmesh');
    assert.equal(client.getNegotiatedProtocolVersion(), version);
    await client.close();
  });

  mesh(connect, (client, name, args, options) => client.callTool({ name, arguments: args }, options), -32602);

  it('holds requests to what their headers say', async () => {
    const meta = (claim = version) => ({ _meta: { 'io.modelcontextprotocol/protocolVersion': claim, 'io.modelcontextprotocol/clientCapabilities': {} } });
    const headers = { 'MCP-Protocol-Version': version, 'Mcp-Method': 'tools/list' };
    for (const [method, params, sent, status, code] of [
      ['tools/list', meta(), headers, 200, undefined], ['tools/list', meta(), { ...headers, 'Mcp-Method': 'tools/call' }, 400, -32020], ['tools/list', meta(), { 'Mcp-Method': 'tools/list' }, 400, -32020],
      ['tools/list', {}, headers, 400, -32602], ['tools/list', meta('1999-01-01'), headers, 400, -32022], ['tools/list', { _meta: 7 }, headers, 400, -32602],
      ['tools/call', { ...meta(), name: 'get_goal', arguments: {} }, { ...headers, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'decide' }, 400, -32020],
      ['tools/call', { ...meta(), name: 'get_goal', arguments: {} }, { ...headers, 'Mcp-Method': 'tools/call', 'Mcp-Name': '=?base64?Z2V0X2dvYWw=?=' }, 200, undefined],
      ['ping', meta(), { ...headers, 'Mcp-Method': 'ping' }, 404, -32601], ['initialize', meta(), { ...headers, 'Mcp-Method': 'initialize' }, 404, -32601],
    ]) {
      const answer = await post(`${world.url}/mcp`, { jsonrpc: '2.0', id: 1, method, params }, sent);
      assert.deepEqual([answer.status, answer.json.error?.code], [status, code], JSON.stringify([method, params, sent, answer.json]));
    }
  });
}

function mesh(connect, call, notFound) {
  it('names its tools and its resources', async () => {
    const client = await connect();
    const tools = (await client.listTools()).tools.map((t) => t.name);
    for (const tool of ['submit_goal', 'get_goal', 'follow_goal', 'list_approvals', 'decide', 'agent_classifier']) assert.ok(tools.includes(tool), `${tool} of ${tools}`);
    assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 2);
    await client.close();
  });

  it('carries a goal from its submit over an approval to its end', async () => {
    const client = await connect();
    const { goal } = (await call(client, 'submit_goal', { text: 'Answer this mail', playbook: 'support', files: [{ name: 'mail.eml', base64: mailBase64 }] })).structuredContent;
    const progress = [];
    const waiting = await call(client, 'follow_goal', { goal }, { onprogress: (p) => progress.push(p.message) });
    assert.equal(waiting.structuredContent.status, 'Waiting');
    assert.ok(progress.some((p) => p.startsWith('category:')), progress.join('; '));

    const listed = (await call(client, 'list_approvals', {})).structuredContent.goals.find((g) => g.goal === goal);
    const [approval] = listed.approvals;
    assert.equal(approval.tool, 'ticket.create');
    assert.ok(!(await call(client, 'decide', { goal, request: approval.request, verdict: 'approve', reason: 'fine' })).isError);
    const done = await call(client, 'follow_goal', { goal });
    assert.equal(done.structuredContent.status, 'Completed');
    assert.match(done.content[0].text, /T-\d/);
    assert.equal((await call(client, 'get_goal', { goal })).structuredContent.status, 'Completed');

    const uris = (await client.listResources()).resources.map((r) => r.uri);
    assert.ok(uris.includes(`agentmesh://goals/${goal}/journal`));
    const journal = JSON.parse((await client.readResource({ uri: `agentmesh://goals/${goal}/journal` })).contents[0].text);
    assert.equal(journal[0].event.type, 'goal.submitted');
    assert.deepEqual(journal.map((e) => e.sequence), journal.map((_, at) => at + 1));
    const reply = JSON.parse((await client.readResource({ uri: `agentmesh://goals/${goal}/artifacts/reply` })).contents[0].text);
    assert.equal(reply.kind, 'reply');
    await client.close();
  });

  it('calls an agent as a tool', async () => {
    const client = await connect();
    await client.listTools();
    const said = await call(client, 'agent_classifier', { text: 'What is this mail about?', files: [{ name: 'mail.eml', text: mail }] });
    assert.equal(said.structuredContent.status, 'Completed');
    assert.match(said.content[0].text, /billing/);
    await client.close();
  });

  it('says what is wrong so that a model can put it right', async () => {
    const client = await connect();
    for (const [name, args] of [
      ['get_goal', { goal: 'nobody' }], ['get_goal', {}], ['get_goal', { goal: 7 }], ['follow_goal', { goal: 'nobody' }], ['submit_goal', { text: ' ' }], ['submit_goal', { text: 'x', speed: 9 }],
      ['submit_goal', { text: 'x', playbook: 'karaoke' }], ['submit_goal', { text: 'x', files: [{ name: 'a', base64: '!' }] }], ['decide', { goal: 'nobody', request: 'r', verdict: 'approve' }],
      ['decide', { goal: 'nobody', request: 'r', verdict: 'perhaps' }], ['agent_classifier', { text: 'x', produces: 'poem' }],
    ]) {
      const result = await call(client, name, args);
      assert.ok(result.isError && result.content[0].text, `${name} ${JSON.stringify(args)}`);
    }
    await assert.rejects(call(client, 'sing', {}), { code: -32602 });
    await assert.rejects(client.readResource({ uri: 'agentmesh://goals/nobody/journal' }), { code: notFound });
    await assert.rejects(client.readResource({ uri: 'file:///etc/passwd' }), { code: notFound });
    await client.close();
  });
}
