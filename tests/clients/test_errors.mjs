// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { it } from 'node:test';
import OpenAI from 'openai';
import { chat, error, rateLimited, sendJson, serverError } from './support/answers.mjs';
import { failureOf, hello, secretOf, withPool } from './support/pool.mjs';

/** What every refusal has, and that it gives nothing of the pool away. */
function assertRefused(failure, type, status, code) {
    assert.ok(failure instanceof type, `${failure.constructor.name}: ${failure.message}`);
    assert.equal(failure.status, status);
    assert.equal(failure.code, code);
    assert.equal(typeof failure.type, 'string');
    assert.ok(failure.error.message.length > 10);
    assert.ok('param' in failure.error);
    assert.match(failure.requestID, /\S{8,}/);
    const told = JSON.stringify(failure.error) + JSON.stringify([...failure.headers]);
    assert.ok(!told.includes('secret-of') && !told.includes('key-1'), told);
}

const shouldRetry = (failure) => failure.headers.get('x-should-retry');

it('a wrong virtual key is an AuthenticationError', () =>
    withPool({}, async ({ daemon, upstream }) => {
        for (const apiKey of ['sk-wrong', `${daemon.virtualKey}x`, secretOf(1)]) {
            const { client, sent } = daemon.sdk({ apiKey, maxRetries: 2 });
            const requests = [
                () => client.chat.completions.create(hello),
                () => client.chat.completions.create({ ...hello, stream: true }),
                () => client.models.list(),
            ];
            for (const request of requests) {
                const failure = await failureOf(request());
                assertRefused(failure, OpenAI.AuthenticationError, 401, 'invalid_api_key');
                assert.equal(shouldRetry(failure), 'false');
                assert.ok(!failure.message.includes(apiKey));
            }
            assert.equal(sent.length, 3);
        }
        assert.equal(upstream.calls.length, 0);
    }));

it('an unknown model is a NotFoundError', () =>
    withPool({}, async ({ daemon, upstream }) => {
        const { client, sent } = daemon.sdk({ maxRetries: 2 });
        const failure = await failureOf(client.chat.completions.create({ ...hello, model: 'claude-3-opus' }));
        assertRefused(failure, OpenAI.NotFoundError, 404, 'model_not_found');
        assert.ok(failure.message.includes('claude-3-opus'));
        assert.equal(shouldRetry(failure), 'false');
        assert.equal(sent.length, 1);
        assert.equal(upstream.calls.length, 0);
    }));

it('a model the virtual key may not ask for is a PermissionDeniedError', () =>
    withPool({}, async ({ daemon, upstream }) => {
        const minted = JSON.parse(
            await daemon.run('key', 'mint', 'narrow', '--model', 'gpt-3*', '--state', daemon.stateFolder, '--json'),
        );
        const { client } = daemon.sdk({ apiKey: minted.key, maxRetries: 2 });
        // A running server uses it within a second.
        let allowed;
        for (const until = Date.now() + 5000; !allowed;) {
            allowed = await client.chat.completions.create({ ...hello, model: 'gpt-3.5-turbo' }).catch((failure) => {
                assert.equal(failure.status, 401);
                assert.ok(Date.now() < until, 'the new virtual key is not known');
                return new Promise((resolve) => setTimeout(resolve, 50));
            });
        }
        assert.equal(allowed.choices[0].message.content, 'hello');
        const failure = await failureOf(client.chat.completions.create(hello));
        assertRefused(failure, OpenAI.PermissionDeniedError, 403, 'model_not_allowed');
        assert.equal(shouldRetry(failure), 'false');
        assert.equal(upstream.calls.length, 1);
    }));

it("the client's own mistake is a BadRequestError, in the provider's words", () =>
    withPool({}, async ({ daemon, upstream }) => {
        const said = {
            message: "Invalid value: 'usr'. Supported values are: 'user'.",
            type: 'invalid_request_error',
            param: 'messages[0].role',
            code: 'invalid_value',
        };
        upstream.always(error(400, said));
        const { client, sent } = daemon.sdk({ maxRetries: 2 });
        for (let i = 0; i < 5; ++i) {
            const failure = await failureOf(
                client.chat.completions.create({ ...hello, messages: [{ role: 'usr', content: 'x' }] }),
            );
            assertRefused(failure, OpenAI.BadRequestError, 400, 'invalid_value');
            assert.deepEqual(failure.error, said);
            assert.equal(shouldRetry(failure), 'false');
        }
        assert.equal(sent.length, 5);
        assert.equal(upstream.calls.length, 5);
        upstream.always(chat('no key was hurt'));
        const answer = await client.chat.completions.create(hello);
        assert.equal(answer.choices[0].message.content, 'no key was hurt');
    }));

it('what is wrong with the request itself is a BadRequestError', () =>
    withPool({}, async ({ client, upstream }) => {
        const noModel = await failureOf(client.chat.completions.create({ messages: [] }));
        assertRefused(noModel, OpenAI.BadRequestError, 400, 'invalid_request_error');
        const noJson = await failureOf(
            client.post('/chat/completions', { body: new TextEncoder().encode('{"model":') }),
        );
        assertRefused(noJson, OpenAI.BadRequestError, 400, 'invalid_json');
        assert.equal(upstream.calls.length, 0);
    }));

it('a body that is too large is refused with 413', () =>
    withPool({ server: { max_body_bytes: 4096 } }, async ({ client, upstream }) => {
        const failure = await failureOf(client.chat.completions.create({ ...hello, user: 'x'.repeat(5000) }));
        assertRefused(failure, OpenAI.APIError, 413, 'request_too_large');
        assert.equal(shouldRetry(failure), 'false');
        assert.equal(upstream.calls.length, 0);
        assert.equal((await client.chat.completions.create(hello)).choices[0].message.content, 'hello');
    }));

it('a field the provider does not know is left out, and the answer says so', () =>
    withPool({}, async ({ client, upstream }) => {
        upstream.always((call, response) => {
            if ('store' in call.json)
                return error(400, {
                    message: 'Unrecognized request argument supplied: store',
                    type: 'invalid_request_error',
                    param: null,
                    code: null,
                })(call, response);
            chat('without it')(call, response);
        });
        const { data, response } = await client.chat.completions
            .create({ ...hello, store: true, seed: 1 })
            .withResponse();
        assert.equal(data.choices[0].message.content, 'without it');
        assert.equal(response.headers.get('x-keymux-dropped'), 'store');
        assert.equal(upstream.last.json.seed, 1);
        assert.equal(upstream.calls.length, 2);
    }));

it('an exhausted pool is a RateLimitError that says when to come back', () =>
    withPool({ keys: 2, key: { rpm_limit: 2 } }, async ({ client, upstream }) => {
        for (let i = 0; i < 4; ++i) await client.chat.completions.create(hello);
        for (const request of [hello, { ...hello, stream: true }]) {
            const failure = await failureOf(client.chat.completions.create(request));
            assertRefused(failure, OpenAI.RateLimitError, 429, 'pool_exhausted');
            const wait = failure.headers.get('retry-after');
            assert.match(wait, /^\d+$/);
            assert.ok(Number(wait) >= 1 && Number(wait) <= 61, wait);
        }
        assert.equal(upstream.calls.length, 4);
    }));

it('the SDK does not retry what cannot succeed soon', () =>
    withPool({ keys: 2 }, async ({ daemon, upstream }) => {
        upstream.always(rateLimited(300));
        const { client, sent } = daemon.sdk({ maxRetries: 2 });
        const failure = await failureOf(client.chat.completions.create(hello));
        assertRefused(failure, OpenAI.RateLimitError, 429, 'pool_exhausted');
        assert.equal(shouldRetry(failure), 'false');
        const wait = Number(failure.headers.get('retry-after'));
        assert.ok(wait > 290 && wait <= 300, String(wait));
        assert.equal(sent.length, 1);
        // Both keys were tried, and rest now: the next request does not go out.
        assert.deepEqual(upstream.calls.map((call) => call.key).sort(), [secretOf(1), secretOf(2)]);
        await failureOf(client.chat.completions.create(hello));
        assert.equal(upstream.calls.length, 2);
    }));

it('a short wait is left to the SDK', () =>
    withPool({ keys: 2 }, async ({ client, upstream }) => {
        upstream.next(rateLimited(40), rateLimited(20));
        const failure = await failureOf(client.chat.completions.create(hello));
        assertRefused(failure, OpenAI.RateLimitError, 429, 'pool_exhausted');
        assert.equal(shouldRetry(failure), null);
        // The one that is back first counts.
        assert.equal(failure.headers.get('retry-after'), '20');
        assert.equal(upstream.calls.length, 2);
    }));

it("the SDK's own retry succeeds at the moment it was told", () =>
    withPool({ keys: 1 }, async ({ daemon, upstream }) => {
        upstream.next(rateLimited(1));
        const { client, sent } = daemon.sdk({ maxRetries: 1 });
        const { data, response } = await client.chat.completions.create(hello).withResponse();
        assert.equal(data.choices[0].message.content, 'hello');
        assert.equal(response.headers.get('x-keymux-attempts'), '1');
        assert.equal(sent.length, 2);
        assert.equal(upstream.calls.length, 2);
    }));

it("the SDK's own retry gets over a broken provider", () =>
    withPool({ keys: 1 }, async ({ daemon, upstream }) => {
        upstream.next(serverError);
        const { client, sent } = daemon.sdk({ maxRetries: 2 });
        const answer = await client.chat.completions.create(hello);
        assert.equal(answer.choices[0].message.content, 'hello');
        assert.equal(sent.length, 2);
        assert.equal(upstream.calls.length, 2);
    }));

const broken = {
    'answers 500': serverError,
    'hangs up': (call, response) => response.destroy(),
    'sends a web page': (call, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html>Bad gateway</html>');
    },
    'sends an error with status 200': (call, response) =>
        sendJson(response, { error: { message: 'Internal', code: 500 } }),
    'sends no choices': (call, response) => sendJson(response, { id: 'x', object: 'chat.completion', choices: [] }),
    'sends half an answer': (call, response) => sendJson(response, '{"id":"x","choices":[{"index":0,"mess'),
};

for (const [what, script] of Object.entries(broken)) {
    it(`a provider that ${what} is a 502`, () =>
        withPool({ keys: 3 }, async ({ client, upstream }) => {
            upstream.always(script);
            const failure = await failureOf(client.chat.completions.create(hello));
            assertRefused(failure, OpenAI.InternalServerError, 502, 'upstream_error');
            assert.equal(shouldRetry(failure), null);
            assert.deepEqual(upstream.calls.map((call) => call.key).sort(), [1, 2, 3].map(secretOf));
        }));

    it(`a key whose provider ${what} is not seen while another serves`, () =>
        withPool({ keys: 3 }, async ({ client, upstream }) => {
            upstream.next(script, script, chat('from the third'));
            const { data, response } = await client.chat.completions.create(hello).withResponse();
            assert.equal(data.choices[0].message.content, 'from the third');
            assert.equal(response.headers.get('x-keymux-attempts'), '3');
        }));
}

it("a pool key's own trouble is never the client's", () =>
    withPool({ keys: 5 }, async ({ client, upstream }) => {
        const refusal = (status, code) =>
            error(status, { message: `no: ${code}`, type: 'invalid_request_error', param: null, code });
        upstream.next(
            refusal(401, 'invalid_api_key'),
            refusal(402, 'billing'),
            refusal(403, 'forbidden'),
            refusal(429, 'insufficient_quota'),
        );
        const { data, response } = await client.chat.completions.create(hello).withResponse();
        assert.equal(data.choices[0].message.content, 'hello');
        assert.equal(response.headers.get('x-keymux-attempts'), '5');
        assert.equal(new Set(upstream.calls.map((call) => call.key)).size, 5);
    }));

it('a pool without usable keys is a 503 that is not retried', () =>
    withPool({ keys: 2 }, async ({ daemon, upstream }) => {
        upstream.always(
            error(401, {
                message: 'Incorrect API key provided',
                type: 'invalid_request_error',
                param: null,
                code: 'invalid_api_key',
            }),
        );
        const { client, sent } = daemon.sdk({ maxRetries: 2 });
        const failure = await failureOf(client.chat.completions.create(hello));
        assertRefused(failure, OpenAI.InternalServerError, 503, 'no_deployment');
        assert.equal(shouldRetry(failure), 'false');
        assert.equal(sent.length, 1);
        assert.equal(upstream.calls.length, 2);
    }));

it('a provider that is not there is a 502', () =>
    withPool({ keys: 2 }, async ({ client, upstream }) => {
        await upstream.stop();
        const failure = await failureOf(client.chat.completions.create(hello));
        assertRefused(failure, OpenAI.InternalServerError, 502, 'upstream_error');
    }));

it('a request whose deadline has passed is a 504', () =>
    withPool({ keys: 2, routing: { deadline_ms: 400 } }, async ({ client, upstream }) => {
        upstream.always(() => {});
        const failure = await failureOf(client.chat.completions.create(hello));
        assertRefused(failure, OpenAI.InternalServerError, 504, 'upstream_timeout');
    }));
