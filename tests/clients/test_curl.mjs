// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Daemon } from './support/daemon.mjs';
import { poolOf, secretOf } from './support/pool.mjs';
import { Upstream } from './support/upstream.mjs';

const missing = spawnSync('curl', ['--version']).status !== 0 && 'there is no curl here';

const body = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "hello from curl"}]}';

/** Curl as people type it. Its status, and its answer as text. */
async function curl(...args) {
    const { stdout } = await promisify(execFile)('curl', ['-sS', '--noproxy', '*', '-w', '\n%{http_code}', ...args]);
    const end = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
}

describe('curl', { skip: missing }, () => {
    let upstream, daemon;

    before(async () => {
        upstream = await Upstream.start();
        daemon = await Daemon.start(poolOf(upstream));
    });

    after(async () => {
        await daemon?.stop();
        await upstream?.stop();
    });

    beforeEach(() => upstream.reset());

    for (const path of ['/v1/chat/completions', '/chat/completions'])
        for (const header of ['Authorization: Bearer ', 'authorization: bearer ', 'x-api-key: ', 'x-goog-api-key: '])
            it(`${path} with ${header.trim()}`, async () => {
                const args = ['-H', header + daemon.virtualKey, '-H', 'Content-Type: application/json', '-d', body];
                const { status, text } = await curl(daemon.url + path, ...args);
                assert.equal(status, 200);
                assert.equal(JSON.parse(text).choices[0].message.content, 'hello from curl');
                const { headers } = upstream.last;
                assert.equal(headers.authorization, `Bearer ${secretOf(upstream.last.key.at(-1))}`);
                assert.equal(headers['x-api-key'], undefined);
                assert.equal(headers['x-goog-api-key'], undefined);
            });

    it('streams', async () => {
        const request = body.replace('{', '{"stream": true, ');
        const { status, text } = await curl(
            '-N',
            `${daemon.url}/v1/chat/completions`,
            '-H',
            `Authorization: Bearer ${daemon.virtualKey}`,
            '-d',
            request,
        );
        assert.equal(status, 200);
        const events = text.trimEnd().split('\n\n');
        assert.equal(events.pop(), 'data: [DONE]');
        const chunks = events.map((each) => JSON.parse(each.slice('data: '.length)));
        assert.equal(chunks.map((each) => each.choices[0].delta.content ?? '').join(''), 'hello from curl');
    });

    it('sends a long body with Expect and in chunks', async () => {
        const long = body.replace('hello from curl', 'x'.repeat(100000));
        const { status, text } = await curl(
            `${daemon.url}/v1/chat/completions`,
            '-H',
            `x-api-key: ${daemon.virtualKey}`,
            '-H',
            'Expect: 100-continue',
            '-H',
            'Transfer-Encoding: chunked',
            '-d',
            long,
        );
        assert.equal(status, 200);
        assert.equal(JSON.parse(text).choices[0].message.content.length, 100000);
        assert.equal(upstream.last.body.toString(), long.replace('"gpt-4o"', '"served-model"'));
    });

    it('lists the models', async () => {
        for (const path of ['/v1/models', '/models']) {
            const { status, text } = await curl(daemon.url + path, '-H', `x-goog-api-key: ${daemon.virtualKey}`);
            assert.equal(status, 200);
            assert.equal(JSON.parse(text).object, 'list');
            assert.ok(JSON.parse(text).data.some((model) => model.id === 'served-model'));
        }
    });

    it('is refused without a key and with a wrong one', async () => {
        const wrong = [
            [],
            ['-H', 'x-api-key: sk-wrong'],
            ['-H', 'x-goog-api-key: '],
            ['-H', `Authorization: ${daemon.virtualKey.slice(0, -1)}`],
        ];
        for (const args of wrong) {
            const { status, text } = await curl(`${daemon.url}/v1/chat/completions`, ...args, '-d', body);
            assert.equal(status, 401);
            const { error } = JSON.parse(text);
            assert.equal(error.code, 'invalid_api_key');
            assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
        }
        assert.equal(upstream.calls.length, 0);
    });

    it('asks for the health without a key', async () => {
        for (const path of ['/health', '/health/liveliness', '/health/readiness']) {
            const { status, text } = await curl(daemon.url + path);
            assert.equal(status, 200, path);
            assert.ok(text.length > 1 && !text.includes('key-1') && !text.includes('secret-of'), text);
        }
    });
});
