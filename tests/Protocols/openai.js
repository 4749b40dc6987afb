import assert from 'node:assert/strict';
import { it } from 'node:test';
import OpenAI from 'openai';
import { mailBase64, post, quick } from './world.js';

const file = { type: 'file', file: { filename: 'mail.eml', file_data: `data:message/rfc822;base64,${mailBase64}` } };
const inputFile = { type: 'input_file', filename: 'mail.eml', file_data: mailBase64 };
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'How can I help?' },
  { role: 'user', content: [{ type: 'text', text: 'What is this mail about?' }, file] },
];
const input = [{ role: 'user', content: [{ type: 'input_text', text: 'What is this mail about?' }, inputFile] }];

export function openai(world) {
  const client = () => new OpenAI({ baseURL: `${world.url}/v1`, apiKey: 'am_none', maxRetries: 0 });

  it('lists playbooks as models', async () => {
    const models = (await client().models.list()).data.map((m) => m.id);
    for (const model of ['agentmesh', quick, 'agentmesh/support', 'double']) assert.ok(models.includes(model), `${model} of ${models}`);
    assert.equal((await client().models.retrieve(quick)).id, quick);
    await assert.rejects(client().models.retrieve('gpt-1'), (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found');
  });

  it('completes a chat: the last message is the goal, a file its input', async () => {
    const chat = await client().chat.completions.create({ model: quick, messages });
    assert.equal(chat.object, 'chat.completion');
    assert.equal(chat.model, quick);
    assert.equal(chat.choices[0].finish_reason, 'stop');
    assert.match(chat.choices[0].message.content, /billing/);
    assert.equal(chat.usage.total_tokens, chat.usage.prompt_tokens + chat.usage.completion_tokens);
    const goal = await (await fetch(`${world.url}/v1/goals/${chat.id.replace('chatcmpl-', '')}`)).json();
    assert.equal(goal.spec.text, 'What is this mail about?');
    assert.deepEqual(goal.spec.inputs.map((i) => i.kind), ['email', 'document']);
    assert.match(goal.spec.inputs[1].value.text, /Be brief[^]*How can I help/);
  });

  it('streams a chat in chunks', async () => {
    const stream = await client().chat.completions.create({ model: quick, messages, stream: true, stream_options: { include_usage: true } });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.match(chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''), /billing/);
    assert.match(chunks.map((c) => c.choices[0]?.delta.reasoning_content ?? '').join(''), /category: attempt 1 started/);
    assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
    assert.equal(typeof chunks.at(-1).usage.total_tokens, 'number');
    assert.equal(new Set(chunks.map((c) => c.id)).size, 1);
  });

  it('gives a repeated request the same goal', async () => {
    const again = () => client().chat.completions.create({ model: quick, messages }, { headers: { 'Idempotency-Key': 'chat-1' } });
    assert.equal((await again()).id, (await again()).id);
  });

  it('says in a chat what a person is asked', async () => {
    const chat = await client().chat.completions.create({ model: 'agentmesh/support', messages });
    assert.match(chat.choices[0].message.content, /Consent to ticket\.create/);
  });

  it('creates, gets and streams responses', async () => {
    const made = await client().responses.create({ model: quick, input, instructions: 'Be brief.' });
    assert.equal(made.status, 'completed');
    assert.match(made.output_text, /billing/);
    const got = await client().responses.retrieve(made.id);
    assert.equal(got.output_text, made.output_text);

    const types = [];
    const stream = client().responses.stream({ model: quick, input, previous_response_id: made.id });
    stream.on('event', (e) => types.push(e.type));
    const final = await stream.finalResponse();
    assert.match(final.output[0].content[0].text, /billing/);
    assert.equal(types[0], 'response.created');
    assert.equal(types.at(-1), 'response.completed');

    const resumed = [];
    for await (const event of await client().responses.retrieve(made.id, { stream: true, starting_after: 1 })) resumed.push(event);
    assert.deepEqual(resumed.map((e) => e.sequence_number), [2, 3, 4, 5, 6, 7, 8]);
    assert.equal(resumed.find((e) => e.type === 'response.output_text.done').text, made.output_text);
  });

  it('works in the background, waits for people and is cancelled', async () => {
    const begun = await client().responses.create({ model: 'agentmesh/support', input, background: true });
    assert.match(begun.status, /in_progress|incomplete/);
    let now = begun;
    while (now.status === 'in_progress') now = await client().responses.retrieve(begun.id);
    assert.equal(now.status, 'incomplete');
    assert.match(now.output_text, /Consent to ticket\.create/);
    assert.equal((await client().responses.cancel(begun.id)).status, 'cancelled');
    assert.equal((await client().responses.cancel(begun.id)).status, 'cancelled');
    await assert.rejects(client().responses.retrieve('nobody'), OpenAI.NotFoundError);
  });

  it('embeds, in both encodings', async () => {
    const made = await client().embeddings.create({ model: 'double', input: ['one', 'three'] });
    assert.deepEqual(made.data.map((d) => d.embedding[0]), [3, 5]);
    const plain = await client().embeddings.create({ model: 'double', input: 'one', encoding_format: 'float' });
    assert.deepEqual(plain.data[0].embedding, [3, 0.5, -1]);
    await assert.rejects(client().embeddings.create({ model: 'other', input: 'x' }), OpenAI.NotFoundError);
    await assert.rejects(client().embeddings.create({ model: 'double', input: [] }), OpenAI.UnprocessableEntityError);
  });

  it('answers what it cannot do with an error of its form', async () => {
    for (const [path, body, status] of [
      ['chat/completions', '{', 400], ['chat/completions', '[]', 400], ['chat/completions', { model: quick }, 400], ['chat/completions', { model: quick, model2: 1, messages: 7 }, 400],
      ['chat/completions', '{"model":"agentmesh","model":"agentmesh","messages":[]}', 400], ['chat/completions', { model: quick, messages: [] }, 422],
      ['chat/completions', { model: 'nobody', messages }, 404], ['chat/completions', { model: quick, messages: [{ role: 'king', content: 'x' }] }, 422],
      ['chat/completions', { model: quick, messages: [{ role: 'user', content: { a: 1 } }] }, 422], ['chat/completions', { model: quick, messages, n: 2 }, 422],
      ['chat/completions', { model: quick, messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }, 422],
      ['chat/completions', { model: quick, messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: '!!' } }] }] }, 400],
      ['chat/completions', { model: quick, messages, tools: [{ type: 'function', function: { name: 'f' } }] }, 422],
      ['chat/completions', '{"model":"agentmesh","messages":[{"role":"user","content":"\\ud800"}]}', 400],
      ['responses', { model: quick }, 400], ['responses', { model: quick, input: 7 }, 422], ['responses', { model: quick, input: [7] }, 422],
      ['responses', { model: quick, input: 'x', previous_response_id: 'nobody' }, 404], ['responses', { model: quick, input: [{ type: 'item_reference', id: 'x' }] }, 422],
      ['embeddings', { model: 'double', input: [[1, 2]] }, 422], ['embeddings', { model: 'double', input: 'x', dimensions: -1 }, 422], ['embeddings', { model: 'double', input: 'x', encoding_format: 'hex' }, 422],
    ]) {
      const answer = await post(`${world.url}/v1/${path}`, body);
      assert.equal(answer.status, status, `${path} ${JSON.stringify(body)}: ${JSON.stringify(answer.json)}`);
      assert.equal(answer.json.error.type, 'invalid_request_error');
      assert.ok(answer.json.error.message && answer.json.error.code);
    }
  });
}
