// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { chat, chatAnswer, sendJson } from './support/answers.mjs';
import { Daemon } from './support/daemon.mjs';
import { assertSameButModel, hello, poolOf, secretOf } from './support/pool.mjs';
import { Upstream } from './support/upstream.mjs';

// Neither alphabetical nor short: whoever parses and prints this again changes it.
const weather = {
    type: 'function',
    function: {
        name: 'get_weather',
        description: 'Weather of a place: "now" \\ später',
        strict: true,
        parameters: {
            type: 'object',
            properties: {
                unit: { type: 'string', enum: ['kelvin', 'celsius'], description: '°' },
                place: { $ref: '#/$defs/place' },
                after: { type: ['integer', 'null'], minimum: -1e21, maximum: 12345678901234567890 },
                Zone: { const: null },
                at: { type: 'number', multipleOf: 0.1 },
            },
            required: ['unit', 'place', 'after', 'Zone', 'at'],
            additionalProperties: false,
            $defs: { place: { type: 'object', properties: { z: {}, a: {} } } },
        },
    },
};

describe('chat', () => {
    let upstream, daemon, client, sent;

    before(async () => {
        upstream = await Upstream.start();
        daemon = await Daemon.start(poolOf(upstream));
    });

    after(async () => {
        await daemon?.stop();
        await upstream?.stop();
    });

    beforeEach(() => {
        upstream.reset();
        ({ client, sent } = daemon.sdk());
    });

    it('brings the answer as the provider gave it', async () => {
        const answer = chatAnswer(
            { content: 'Good day' },
            { system_fingerprint: 'fp_1', provider_extra: { deep: [1, null] } },
        );
        upstream.next((call, response) => sendJson(response, answer));
        const completion = await client.chat.completions.create(hello);
        assert.deepEqual({ ...completion }, answer);
        assert.equal(completion.model, 'served-model-2026-10-01');
        assert.equal(upstream.last.path, '/v1/chat/completions');
        assertSameButModel(upstream.last.body, sent[0].body);
    });

    it('leaves the bytes of an answer alone', async () => {
        const odd =
            ' {"choices" : [{"index":0,"message":{"role":"assistant","content":"\\u00e9 é \\/"},"finish_reason":"stop"}],' +
            '\n "z":1.0, "a":12345678901234567890, "id":"x","object":"chat.completion"}\n';
        upstream.next((call, response) => sendJson(response, odd));
        const response = await client.chat.completions.create(hello).asResponse();
        assert.equal(await response.text(), odd);
    });

    it('says which request it was, which model served it and how often it was tried', async () => {
        const { data, response, request_id } = await client.chat.completions.create(hello).withResponse();
        assert.match(request_id, /\S{8,}/);
        assert.equal(data._request_id, request_id);
        assert.equal(response.headers.get('x-request-id'), request_id);
        assert.equal(response.headers.get('x-keymux-model'), 'served-model');
        assert.equal(response.headers.get('x-keymux-attempts'), '1');
        assert.equal(response.headers.get('x-keymux-key'), null);
        const other = await client.chat.completions.create(hello);
        assert.notEqual(other._request_id, request_id);
    });

    it('keeps the account of the provider and the ways of the client apart', async () => {
        upstream.next((call, response) =>
            sendJson(response, chatAnswer({ content: 'x' }), 200, {
                'openai-organization': 'org-of-the-operator',
                'x-request-id': 'req_of_the_provider',
                'set-cookie': 'a=b',
            }),
        );
        ({ client } = daemon.sdk({ organization: 'org-of-the-client', project: 'project-of-the-client' }));
        const { response, request_id } = await client.chat.completions
            .create(hello, {
                headers: {
                    Cookie: 'c=d',
                    'X-Forwarded-For': '10.1.1.1',
                    'OpenAI-Beta': 'x=v1',
                    'Idempotency-Key': 'once',
                },
            })
            .withResponse();
        assert.equal(response.headers.get('openai-organization'), null);
        assert.equal(response.headers.get('set-cookie'), null);
        assert.notEqual(request_id, 'req_of_the_provider');
        const { headers } = upstream.last;
        assert.equal(headers.authorization, `Bearer ${secretOf(1)}`);
        assert.equal(headers['accept-encoding'], 'identity');
        assert.equal(headers['content-type'], 'application/json');
        assert.equal(headers['openai-beta'], 'x=v1');
        assert.equal(headers['idempotency-key'], 'once');
        const passed = [
            'accept',
            'accept-encoding',
            'authorization',
            'content-length',
            'content-type',
            'host',
            'idempotency-key',
            'openai-beta',
        ];
        assert.deepEqual(
            Object.keys(headers).filter(
                (name) => !passed.includes(name) && !['connection', 'user-agent'].includes(name),
            ),
            [],
        );
        assert.ok(!JSON.stringify(headers).includes(daemon.virtualKey));
        assert.ok(!JSON.stringify(headers).includes('stainless'));
    });

    it('takes every field and its order through', async () => {
        const request = {
            temperature: 0.7,
            messages: [
                { role: 'developer', content: 'Be brief.' },
                {
                    role: 'user',
                    name: 'Zoë',
                    content: [
                        { type: 'text', text: 'a' },
                        { text: 'b', type: 'text' },
                    ],
                },
                {
                    role: 'assistant',
                    content: null,
                    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"b":1, "a":2}' } }],
                },
                { role: 'tool', tool_call_id: 'c1', content: '' },
            ],
            zebra: { unknown: [true, null, 1e-7, -0.5] },
            model: 'gpt-4o',
            logit_bias: { 50256: -100 },
            stop: ['\n\n', 'END'],
            seed: 9007199254740991,
            max_completion_tokens: 16,
            user: 'u-1',
            metadata: {},
            n: 2,
            logprobs: true,
        };
        await client.chat.completions.create(request);
        assertSameButModel(upstream.last.body, sent[0].body);
    });

    it('takes a tool schema through in its order and brings the calls back', async () => {
        const calls = [
            {
                id: 'call_1',
                type: 'function',
                function: { name: 'get_weather', arguments: '{"unit":"kelvin", "place":{"z":1,"a":"\\u00df"}}' },
            },
            { id: 'call_2', type: 'function', function: { name: 'get_weather', arguments: '' } },
        ];
        upstream.next(chat({ tool_calls: calls }));
        const completion = await client.chat.completions.create({
            ...hello,
            tools: [weather],
            tool_choice: { type: 'function', function: { name: 'get_weather' } },
            parallel_tool_calls: true,
        });
        assertSameButModel(upstream.last.body, sent[0].body);
        assert.ok(upstream.last.body.includes(JSON.stringify(weather)));
        assert.equal(completion.choices[0].finish_reason, 'tool_calls');
        assert.equal(completion.choices[0].message.content, null);
        assert.deepEqual(completion.choices[0].message.tool_calls, calls);
    });

    it("serves the SDK's own tool loop", async () => {
        upstream.next(
            chat({
                tool_calls: [
                    { id: 'call_7', type: 'function', function: { name: 'add', arguments: '{"b":2,"a":40}' } },
                ],
            }),
            chat('It is 42.'),
        );
        const add = {
            name: 'add',
            description: 'Adds',
            parameters: { type: 'object', properties: { b: { type: 'number' }, a: { type: 'number' } } },
            parse: JSON.parse,
            function: ({ a, b }) => String(a + b),
        };
        const runner = client.chat.completions.runTools({ ...hello, tools: [{ type: 'function', function: add }] });
        assert.equal(await runner.finalContent(), 'It is 42.');
        assert.equal(upstream.calls.length, 2);
        const [asked, called, result] = upstream.calls[1].json.messages;
        assert.equal(asked.content, 'hello');
        assert.equal(called.tool_calls[0].id, 'call_7');
        assert.deepEqual(result, { role: 'tool', tool_call_id: 'call_7', content: '42' });
        sent.forEach(({ body }, i) => assertSameButModel(upstream.calls[i].body, body));
    });

    it('serves JSON mode', async () => {
        upstream.next(chat('{"ok":true,"n":[1,2]}'));
        const completion = await client.chat.completions.create({ ...hello, response_format: { type: 'json_object' } });
        assert.deepEqual(upstream.last.json.response_format, { type: 'json_object' });
        assert.deepEqual(JSON.parse(completion.choices[0].message.content), { ok: true, n: [1, 2] });
    });

    it('serves structured output', async () => {
        upstream.next(chat('{"name":"Ada","age":36}'));
        const schema = {
            type: 'object',
            properties: { name: { type: 'string' }, age: { type: 'integer' } },
            required: ['name', 'age'],
            additionalProperties: false,
        };
        const completion = await client.chat.completions.parse({
            ...hello,
            response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } },
        });
        assertSameButModel(upstream.last.body, sent[0].body);
        assert.deepEqual(completion.choices[0].message.parsed, { name: 'Ada', age: 36 });
    });

    it('takes an image of 2 MB through', async () => {
        const image = Buffer.alloc(2 << 20);
        for (let i = 0; i < image.length; ++i) image[i] = (i * 2654435761) >>> 13;
        const url = `data:image/png;base64,${image.toString('base64')}`;
        upstream.next(chat('A cat'));
        const completion = await client.chat.completions.create({
            model: 'gpt-4o',
            messages: [
                {
                    role: 'user',
                    content: [
                        { type: 'text', text: 'What is it?' },
                        { type: 'image_url', image_url: { url, detail: 'low' } },
                    ],
                },
            ],
        });
        assert.equal(completion.choices[0].message.content, 'A cat');
        assertSameButModel(upstream.last.body, sent[0].body);
        const received = upstream.last.json.messages[0].content[1].image_url.url;
        assert.ok(Buffer.from(received.slice(received.indexOf(',') + 1), 'base64').equals(image));
    });

    it('takes every kind of text through, both ways', async () => {
        const text = '日本語 👩🏽‍🚀 عربى e\u0301 \u2028 \u0000 \u001f "\\/ \ud800 \uffff 𝒳 </script> &amp;';
        const completion = await client.chat.completions.create({
            model: 'gpt-4o',
            messages: [{ role: 'user', content: text }],
        });
        assertSameButModel(upstream.last.body, sent[0].body);
        assert.equal(upstream.last.json.messages[0].content, text);
        assert.equal(completion.choices[0].message.content, text);
    });

    it('finds the model wherever it stands', async () => {
        for (const model of ['gpt-4o', 'gpt-"quoted"', 'gpt-Ünïcode/🙂']) {
            const { client: each, sent: own } = daemon.sdk();
            await each.chat.completions.create({ messages: [{ role: 'user', content: '"model":"gpt-3"' }], model });
            const expected = own[0].body.replace(/"model":("gpt-(?:[^"\\]|\\.)*")}$/, '"model":"served-model"}');
            assert.notEqual(expected, own[0].body);
            assert.equal(upstream.last.body.toString(), expected);
        }
    });

    it('gives a model of the pool by its own name, its bytes untouched', async () => {
        await client.chat.completions.create({ ...hello, model: 'served-model' });
        assert.equal(upstream.last.body.toString(), sent[0].body);
    });
});
