// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { chat, chunk, event, openStream, silence } from './support/answers.mjs';
import { Daemon } from './support/daemon.mjs';
import { failureOf, hello, poolOf } from './support/pool.mjs';
import { Upstream } from './support/upstream.mjs';
import { gate, within } from './support/wait.mjs';

const streamed = { ...hello, stream: true };

/** Sends one chunk and then nothing, for ever. */
function openEnded(call, response) {
    openStream(response);
    response.write(event(chunk({ content: 'first' })));
}

/** A client that leaves is gone upstream too, and costs nobody anything. */
describe('leaving', () => {
    let upstream, daemon, client;

    before(async () => {
        upstream = await Upstream.start();
        daemon = await Daemon.start(poolOf(upstream, { keys: 2, key: { max_parallel: 1 } }));
    });

    after(async () => {
        await daemon?.stop();
        await upstream?.stop();
    });

    beforeEach(() => {
        upstream.reset();
        ({ client } = daemon.sdk());
    });

    async function assertNothingIsHeld() {
        // Each key serves one request at a time: two at once need both.
        const bothHere = gate();
        upstream.always(async (call, response) => {
            if (upstream.calls.length === 2) bothHere.open();
            await within(bothHere.opened, 'the other request');
            chat('free')(call, response);
        });
        upstream.calls = [];
        const answers = await Promise.all([1, 2].map(() => client.chat.completions.create(hello)));
        assert.deepEqual(
            answers.map((each) => each.choices[0].message.content),
            ['free', 'free'],
        );
    }

    it('by abort() in the middle of a stream ends the call upstream', async () => {
        upstream.next(openEnded);
        const running = await client.chat.completions.create(streamed);
        const seen = [];
        for await (const each of running) {
            seen.push(each.choices[0].delta.content);
            running.controller.abort();
        }
        assert.deepEqual(seen, ['first']);
        assert.equal(await within(upstream.last.left, 'the provider to see the client leave'), 'left');
        assert.equal(upstream.calls.length, 1);
        await assertNothingIsHeld();
    });

    it('by break in the middle of a stream ends the call upstream', async () => {
        upstream.next(openEnded);
        for await (const each of await client.chat.completions.create(streamed)) {
            assert.equal(each.choices[0].delta.content, 'first');
            break;
        }
        assert.equal(await within(upstream.last.left, 'the provider to see the client leave'), 'left');
        await assertNothingIsHeld();
    });

    it('before the answer has begun ends the call and tries no other key', async () => {
        for (const request of [hello, streamed]) {
            upstream.calls = [];
            const arrived = gate();
            upstream.next(arrived.open);
            const controller = new AbortController();
            const failure = failureOf(client.chat.completions.create(request, { signal: controller.signal }));
            await within(arrived.opened, 'the request to arrive');
            controller.abort();
            assert.equal((await failure).constructor.name, 'APIUserAbortError');
            assert.equal(await within(upstream.last.left, 'the provider to see the client leave'), 'left');
            assert.equal(upstream.calls.length, 1);
        }
        await assertNothingIsHeld();
    });

    it("by the SDK's timeout ends the call too", async () => {
        upstream.next(silence);
        const failure = await failureOf(client.chat.completions.create(hello, { timeout: 700 }));
        assert.equal(failure.constructor.name, 'APIConnectionTimeoutError');
        assert.equal(await within(upstream.last.left, 'the provider to see the client leave'), 'left');
        await assertNothingIsHeld();
    });

    it('is no need while a slow provider takes its time', async () => {
        const slowly = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        upstream.next(
            async (call, response) => {
                await slowly(1500);
                chat('slow but sure')(call, response);
            },
            async (call, response) => {
                openStream(response);
                response.write(event(chunk({ content: 'slow ' })));
                await slowly(1500);
                response.end(event(chunk({ content: 'stream' })) + event('[DONE]'));
            },
        );
        const answer = await client.chat.completions.create(hello);
        assert.equal(answer.choices[0].message.content, 'slow but sure');
        let text = '';
        for await (const each of await client.chat.completions.create(streamed)) text += each.choices[0].delta.content;
        assert.equal(text, 'slow stream');
        assert.equal(upstream.calls.length, 2);
    });
});
