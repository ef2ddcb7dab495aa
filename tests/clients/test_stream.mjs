// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { chunk, chunksOf, error, event, openStream, serverError, stream, usage } from './support/answers.mjs';
import { Daemon } from './support/daemon.mjs';
import { assertSameButModel, failureOf, hello, poolOf } from './support/pool.mjs';
import { Upstream } from './support/upstream.mjs';
import { gate, within } from './support/wait.mjs';

async function all(chunks) {
    const list = [];
    for await (const each of chunks) list.push(each);
    return list;
}

const contentOf = (chunks) => chunks.map((each) => each.choices[0]?.delta.content ?? '').join('');

const streamed = { ...hello, stream: true };
const words = Array.from({ length: 200 }, (_, i) => `${i} `);

describe('stream', () => {
    let upstream, daemon, client, sent;

    before(async () => {
        upstream = await Upstream.start();
        daemon = await Daemon.start(poolOf(upstream, { keys: 4 }));
    });

    after(async () => {
        await daemon?.stop();
        await upstream?.stop();
    });

    beforeEach(() => {
        upstream.reset();
        ({ client, sent } = daemon.sdk());
    });

    it('brings the chunks in their order and hides the usage nobody asked for', async () => {
        upstream.next(stream(words));
        const { data, response, request_id } = await client.chat.completions.create(streamed).withResponse();
        const chunks = await all(data);
        assert.match(response.headers.get('content-type'), /^text\/event-stream/);
        assert.match(request_id, /\S{8,}/);
        assert.equal(chunks.length, words.length + 1);
        assert.deepEqual(
            chunks.slice(0, -1).map((each) => each.choices[0].delta.content),
            words,
        );
        assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
        assert.ok(chunks.every((each) => each.choices.length === 1 && !each.usage));
        // The gateway itself needs it.
        assert.equal(upstream.last.json.stream_options.include_usage, true);
        const spliced = /,?"stream_options":\{"include_usage":true\}/;
        assertSameButModel(
            Buffer.from(upstream.last.body.toString().replace(spliced, '').replace('{,', '{')),
            sent[0].body,
        );
    });

    it('brings the usage to who asked for it', async () => {
        upstream.next(stream(['a', 'b']));
        const chunks = await all(
            await client.chat.completions.create({ ...streamed, stream_options: { include_usage: true } }),
        );
        assert.deepEqual(chunks, chunksOf(upstream.last, [{ content: 'a' }, { content: 'b' }]));
        assert.deepEqual(chunks.at(-1).choices, []);
        assert.deepEqual(chunks.at(-1).usage, usage);
        assertSameButModel(upstream.last.body, sent[0].body);
    });

    it('hides the usage from who refused it', async () => {
        upstream.next(stream(['a', 'b']));
        const chunks = await all(
            await client.chat.completions.create({ ...streamed, stream_options: { include_usage: false } }),
        );
        assert.equal(contentOf(chunks), 'ab');
        assert.ok(chunks.every((each) => each.choices.length === 1 && !each.usage));
    });

    it('keeps the other stream options of the client', async () => {
        upstream.next(stream(['a', 'b']));
        const chunks = await all(
            await client.chat.completions.create({ ...streamed, stream_options: { include_obfuscation: false } }),
        );
        assert.equal(contentOf(chunks), 'ab');
        assert.equal(upstream.last.json.stream_options.include_obfuscation, false);
        assert.ok(chunks.every((each) => each.choices.length === 1 && !each.usage));
    });

    it('forwards each chunk when it comes', async () => {
        // The provider sends the next one only after the client has seen the last.
        const seen = words.slice(0, 5).map(() => gate());
        upstream.next(async (call, response) => {
            openStream(response);
            for (let i = 0; i < seen.length; ++i) {
                response.write(event(chunk({ content: words[i] })));
                await within(seen[i].opened, `the client to see chunk ${i}`);
            }
            response.end(event(chunk({}, 'stop')) + event('[DONE]'));
        });
        let count = 0;
        for await (const each of await client.chat.completions.create(streamed)) {
            if (count === seen.length) assert.equal(each.choices[0].finish_reason, 'stop');
            else assert.equal(each.choices[0].delta.content, words[count]);
            seen[count++]?.open();
        }
        assert.equal(count, seen.length + 1);
    });

    it('puts tool calls together that come in pieces', async () => {
        const call = (index, more) => ({ tool_calls: [{ index, ...more }] });
        const pieces = [
            { role: 'assistant', content: null },
            call(0, { id: 'call_a', type: 'function', function: { name: 'first', arguments: '' } }),
            call(0, { function: { arguments: '{"z":' } }),
            call(1, { id: 'call_b', type: 'function', function: { name: 'second', arguments: '{"q":"' } }),
            call(0, { function: { arguments: ' 1}' } }),
            call(1, { function: { arguments: 'é\\n"}' } }),
        ];
        upstream.next(stream(pieces, 'tool_calls'));
        const tool = (name) => ({
            type: 'function',
            function: { name, parameters: { type: 'object', properties: { z: {}, q: {}, b: {} } } },
        });
        const running = client.chat.completions.stream({ ...hello, tools: [tool('second'), tool('first')] });
        const deltas = [];
        running.on('chunk', (each) => deltas.push(each.choices[0].delta));
        const [choice] = (await running.finalChatCompletion()).choices;
        assert.deepEqual(deltas.slice(0, -1), pieces);
        assert.equal(choice.finish_reason, 'tool_calls');
        assert.deepEqual(
            choice.message.tool_calls.map(({ id, function: f }) => [id, f.name, f.arguments]),
            [
                ['call_a', 'first', '{"z": 1}'],
                ['call_b', 'second', '{"q":"é\\n"}'],
            ],
        );
        assert.ok(upstream.last.body.includes(JSON.stringify([tool('second'), tool('first')])));
    });

    it('brings text whole that is cut between its bytes', async () => {
        const text = 'Grüße 👩🏽‍🚀 日本語';
        upstream.next(async (call, response) => {
            openStream(response);
            response.socket.setNoDelay(true);
            const bytes = Buffer.from(event(chunk({ content: text })) + event(chunk({}, 'stop')) + event('[DONE]'));
            for (let at = 0; at < bytes.length; at += 7) {
                response.write(bytes.subarray(at, at + 7));
                await new Promise(setImmediate);
            }
            response.end();
        });
        assert.equal(contentOf(await all(await client.chat.completions.create(streamed))), text);
    });

    it('lets comments and carriage returns pass', async () => {
        upstream.next((call, response) => {
            openStream(response);
            response.write(': PROCESSING\n\n');
            response.write(event(chunk({ content: 'a' })).replaceAll('\n', '\r\n'));
            response.end(`: still here\n\n${event(chunk({ content: 'b' }))}${event('[DONE]')}`);
        });
        assert.equal(contentOf(await all(await client.chat.completions.create(streamed))), 'ab');
    });

    it('tries the next key while the client has seen nothing', async () => {
        upstream.next(
            serverError,
            (call, response) => {
                openStream(response);
                response.end(
                    event({ error: { message: 'overloaded', type: 'server_error', param: null, code: null } }),
                );
            },
            (call, response) => {
                openStream(response);
                response.write(': PROCESSING\n\n', () => response.destroy());
            },
            stream(['fi', 'ne']),
        );
        const { data, response } = await client.chat.completions.create(streamed).withResponse();
        assert.equal(contentOf(await all(data)), 'fine');
        assert.equal(response.headers.get('x-keymux-attempts'), '4');
        assert.equal(new Set(upstream.calls.map((call) => call.key)).size, 4);
    });

    it('answers a refused stream with a status, not with a stream', async () => {
        upstream.next(
            error(400, {
                message: 'no such role',
                type: 'invalid_request_error',
                param: 'messages[0].role',
                code: null,
            }),
        );
        const failure = await failureOf(client.chat.completions.create(streamed));
        assert.equal(failure.constructor.name, 'BadRequestError');
        assert.equal(failure.status, 400);
        assert.equal(failure.param, 'messages[0].role');
    });

    it('says so when a stream breaks in its middle', async () => {
        upstream.next((call, response) => {
            openStream(response);
            response.write(event(chunk({ content: 'half' })), () => response.destroy());
        });
        const seen = [];
        const failure = await failureOf(
            (async () => {
                for await (const each of await client.chat.completions.create(streamed)) seen.push(each);
            })(),
        );
        assert.equal(contentOf(seen), 'half');
        assert.equal(failure.constructor.name, 'APIError');
        assert.equal(failure.code, 'upstream_error');
        assert.match(failure.requestID, /\S{8,}/);
        assert.equal(upstream.calls.length, 1);
    });

    it("passes on the provider's own error in the middle of a stream", async () => {
        const said = {
            message: 'The server had an error',
            type: 'server_error',
            param: null,
            code: 'server_is_overloaded',
        };
        upstream.next((call, response) => {
            openStream(response);
            response.write(event(chunk({ content: 'half' })));
            response.end(event({ error: said }));
        });
        const seen = [];
        const failure = await failureOf(
            (async () => {
                for await (const each of await client.chat.completions.create(streamed)) seen.push(each);
            })(),
        );
        assert.equal(contentOf(seen), 'half');
        assert.deepEqual(failure.error, said);
        assert.equal(upstream.calls.length, 1);
    });

    it('streams completions', async () => {
        upstream.next((call, response) => {
            openStream(response);
            for (const text of ['once', ' upon'])
                response.write(
                    event({
                        id: 'c',
                        object: 'text_completion',
                        created: 1,
                        model: 'm',
                        choices: [{ index: 0, text, logprobs: null, finish_reason: null }],
                    }),
                );
            if (call.json.stream_options?.include_usage)
                response.write(
                    event({ id: 'c', object: 'text_completion', created: 1, model: 'm', choices: [], usage }),
                );
            response.end(event('[DONE]'));
        });
        const chunks = await all(await client.completions.create({ model: 'gpt-4o', prompt: 'x', stream: true }));
        assert.equal(upstream.last.path, '/v1/completions');
        assert.deepEqual(
            chunks.map((each) => each.choices[0]?.text),
            ['once', ' upon'],
        );
    });

    it('gives a whole answer to who did not ask for a stream', async () => {
        for (const request of [hello, { ...hello, stream: false }]) {
            const completion = await client.chat.completions.create(request);
            assert.equal(completion.choices[0].message.content, 'hello');
            assert.ok(!upstream.last.body.includes('stream_options'));
            assertSameButModel(upstream.last.body, sent.at(-1).body);
        }
    });
});
