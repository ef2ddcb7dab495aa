// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { Daemon } from './daemon.mjs';
import { Upstream } from './upstream.mjs';

/** The secret that key-N of the pool stands for. */
export function secretOf(n) {
    return `secret-of-key-${n}`;
}

/** A pool of `keys` keys at the scripted upstream. Names that begin with `gpt-` are mapped, others are unknown. */
export function poolOf(upstream, { keys = 2, key = {}, provider = {}, routing = {}, ...more } = {}) {
    const numbers = Array.from({ length: keys }, (_, i) => i + 1);
    const config = {
        providers: {
            openai: {
                base_url: upstream.baseUrl,
                models: [{ model: 'served-model' }, { model: 'text-embedding-3-small' }],
                keys: numbers.map((n) => ({ key_id: `key-${n}`, api_key: `env:POOL_KEY_${n}`, ...key })),
                ...provider,
            },
        },
        routing: { model_map: [{ match: 'gpt-*', models: ['served-model'] }], ...routing },
        ...more,
    };
    return { config, environment: Object.fromEntries(numbers.map((n) => [`POOL_KEY_${n}`, secretOf(n)])) };
}

/** Runs `body` with a scripted upstream and a daemon of its own. */
export async function withPool(options, body) {
    const upstream = await Upstream.start();
    try {
        const daemon = await Daemon.start(poolOf(upstream, options));
        try {
            await body({ upstream, daemon, ...daemon.sdk() });
        } finally {
            await daemon.stop();
        }
    } finally {
        await upstream.stop();
    }
}

/** What was sent must arrive byte for byte, but for the model's name. */
export function assertSameButModel(received, sent, asked = 'gpt-4o', served = 'served-model') {
    const name = `"model":"${asked}"`;
    assert.ok(sent.includes(name), 'the request names its model');
    const expected = Buffer.from(sent.replace(name, `"model":"${served}"`));
    assert.ok(
        received.equals(expected),
        `received ${received.subarray(0, 2000)}\nexpected ${expected.subarray(0, 2000)}`,
    );
}

export const hello = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] };

/** The error a promise ends with; no other outcome is accepted. */
export async function failureOf(promise) {
    let value;
    try {
        value = await promise;
    } catch (failure) {
        return failure;
    }
    assert.fail(`no error but ${JSON.stringify(value)}`);
}
