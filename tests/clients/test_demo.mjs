// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { Daemon } from './support/daemon.mjs';
import { failureOf, hello } from './support/pool.mjs';

const poolModels = ['gemini-1.5-pro-latest', 'gemini-2.0-flash', 'gemini-2.0-flash-exp', 'gemini-embedding-001'];

/** What a newcomer sees first: no key, no config, any model name. */
describe('demo', () => {
    let daemon, client;

    before(async () => {
        daemon = await Daemon.start({ flags: ['--demo'] });
        ({ client } = daemon.sdk());
    });

    after(() => daemon?.stop());

    it('prints its virtual key before it is ready', () => {
        assert.match(
            daemon.out,
            /^Virtual Key: sk-\S+$[^]*^keymuxd ready: http:\/\/127\.0\.0\.1:\d+ admin http:\/\/127\.0\.0\.1:\d+$/m,
        );
    });

    it('answers any model name', async () => {
        for (const model of ['gpt-4o', 'claude-3-opus', 'gemini-2.0-flash']) {
            const { data, response } = await client.chat.completions.create({ ...hello, model }).withResponse();
            assert.equal(data.model, 'gemini-2.0-flash');
            assert.match(data.choices[0].message.content, /^Hello from gemini-2\.0-flash\./);
            assert.equal(data.choices[0].finish_reason, 'stop');
            assert.ok(data.usage.total_tokens > data.usage.prompt_tokens);
            assert.equal(response.headers.get('x-keymux-model'), 'gemini-2.0-flash');
        }
    });

    it('streams the same text, with usage only for who asks', async () => {
        const whole = (await client.chat.completions.create(hello)).choices[0].message.content;
        for (const asked of [false, true]) {
            const options = asked ? { stream_options: { include_usage: true } } : {};
            const chunks = [];
            for await (const each of await client.chat.completions.create({ ...hello, stream: true, ...options }))
                chunks.push(each);
            assert.ok(chunks.length > 5);
            assert.equal(chunks.map((each) => each.choices[0]?.delta.content ?? '').join(''), whole);
            assert.equal(chunks.filter((each) => each.usage).length, asked ? 1 : 0);
            assert.equal(chunks.filter((each) => each.choices.length === 0).length, asked ? 1 : 0);
        }
    });

    const parameters = {
        type: 'object',
        properties: { zone: { type: 'string', enum: ['west'] }, at: { type: 'integer' } },
        required: ['zone', 'at'],
    };

    it('calls tools', async () => {
        const request = {
            ...hello,
            tools: [{ type: 'function', function: { name: 'look', parameters } }],
            tool_choice: 'required',
        };
        const [{ message, finish_reason }] = (await client.chat.completions.create(request)).choices;
        assert.equal(finish_reason, 'tool_calls');
        assert.equal(message.tool_calls[0].function.name, 'look');
        assert.equal(message.tool_calls[0].function.arguments, '{"zone":"west","at":1}');
        const [streamed] = (await client.chat.completions.stream(request).finalChatCompletion()).choices;
        assert.equal(streamed.finish_reason, 'tool_calls');
        assert.equal(streamed.message.tool_calls[0].function.arguments, '{"zone":"west","at":1}');
    });

    it('answers in JSON', async () => {
        const object = await client.chat.completions.create({ ...hello, response_format: { type: 'json_object' } });
        assert.equal(JSON.parse(object.choices[0].message.content).demo, true);
        const schema = { type: 'json_schema', json_schema: { name: 'place', schema: parameters } };
        const parsed = await client.chat.completions.parse({ ...hello, response_format: schema });
        assert.deepEqual(parsed.choices[0].message.parsed, { zone: 'west', at: 1 });
    });

    it('leaves out a field Google does not take', async () => {
        const { data, response } = await client.chat.completions
            .create({ ...hello, frequency_penalty: 0.5 })
            .withResponse();
        assert.match(data.choices[0].message.content, /^Hello/);
        assert.equal(response.headers.get('x-keymux-dropped'), 'frequency_penalty');
    });

    it('embeds, the same in both encodings', async () => {
        const request = { model: 'gemini-embedding-001', input: ['one', 'two'], dimensions: 16 };
        const base64 = (await client.embeddings.create(request)).data.map((each) => [...each.embedding]);
        const float = (await client.embeddings.create({ ...request, encoding_format: 'float' })).data.map(
            (each) => each.embedding,
        );
        assert.deepEqual(
            float.map((each) => each.length),
            [16, 16],
        );
        assert.deepEqual(
            base64,
            float.map((each) => [...Float32Array.from(each)]),
        );
        assert.notDeepEqual(float[0], float[1]);
        const length = Math.hypot(...float[0]);
        assert.ok(Math.abs(length - 1) < 1e-4, String(length));
    });

    it('completes', async () => {
        const answer = await client.completions.create({
            model: 'gpt-3.5-turbo-instruct',
            prompt: 'Say',
            max_tokens: 2,
        });
        assert.equal(answer.object, 'text_completion');
        assert.match(answer.choices[0].text, /^Hello from/);
        assert.equal(answer.choices[0].finish_reason, 'length');
    });

    it('lists its models', async () => {
        const ids = [];
        for await (const model of client.models.list()) ids.push(model.id);
        assert.deepEqual(
            poolModels.filter((id) => !ids.includes(id)),
            [],
        );
        assert.equal((await client.models.retrieve('gemini-2.0-flash')).id, 'gemini-2.0-flash');
    });

    it('refuses a wrong key', async () => {
        const failure = await failureOf(daemon.sdk({ apiKey: 'sk-wrong' }).client.models.list());
        assert.ok(failure instanceof OpenAI.AuthenticationError);
        assert.equal(failure.code, 'invalid_api_key');
    });
});

it('serves as many requests as its keys allow, no more and no fewer', async () => {
    // Four keys: 6 a minute for each of two models, 4 for the third.
    const allowed = 4 * (6 + 6 + 4);
    const daemon = await Daemon.start({ flags: ['--demo'] });
    try {
        const { client } = daemon.sdk();
        const outcomes = await Promise.all(
            Array.from({ length: allowed + 20 }, () =>
                client.chat.completions.create(hello).then(
                    (answer) => answer.model,
                    (failure) => failure,
                ),
            ),
        );
        const served = outcomes.filter((each) => typeof each === 'string');
        const count = (model) => served.filter((each) => each === model).length;
        assert.deepEqual(poolModels.slice(0, 3).map(count), [16, 24, 24]);
        for (const failure of outcomes.filter((each) => typeof each !== 'string')) {
            assert.ok(failure instanceof OpenAI.RateLimitError, String(failure));
            assert.equal(failure.code, 'pool_exhausted');
            assert.match(failure.headers.get('retry-after'), /^\d+$/);
        }
    } finally {
        await daemon.stop();
    }
});
