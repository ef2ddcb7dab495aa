// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { chat, rateLimited, stream } from './support/answers.mjs';
import { secretOf, withPool } from './support/pool.mjs';
import { gate, within } from './support/wait.mjs';

const numbers = Array.from({ length: 200 }, (_, i) => i);
const request = (i) => ({ model: 'gpt-4o', messages: [{ role: 'user', content: `question ${i} ${'ß'.repeat(i)}` }] });
const answerTo = (call) => `answer to ${call.json.messages[0].content}`;
const expected = numbers.map((i) => `answer to ${request(i).messages[0].content}`);

it('200 requests at once each get their own answer', () =>
    withPool({ keys: 8 }, async ({ client, upstream }) => {
        // Nobody is answered before all are here.
        const allHere = gate();
        upstream.always(async (call, response) => {
            if (upstream.calls.length === numbers.length) allHere.open();
            await within(allHere.opened, 'all requests to arrive');
            chat(answerTo(call))(call, response);
        });
        const answers = await Promise.all(numbers.map((i) => client.chat.completions.create(request(i))));
        assert.deepEqual(
            answers.map((each) => each.choices[0].message.content),
            expected,
        );
        assert.equal(new Set(answers.map((each) => each._request_id)).size, numbers.length);
        // Equal keys have equal shares.
        for (let n = 1; n <= 8; ++n)
            assert.equal(upstream.calls.filter((call) => call.key === secretOf(n)).length, 25, `key ${n}`);
    }));

it('200 streams at once each get their own words', () =>
    withPool({ keys: 4 }, async ({ client, upstream }) => {
        upstream.always((call, response) => stream(answerTo(call).match(/.{1,7}/gsu))(call, response));
        const texts = await Promise.all(
            numbers.map(async (i) => {
                let text = '';
                for await (const each of await client.chat.completions.create({ ...request(i), stream: true }))
                    text += each.choices[0].delta.content ?? '';
                return text;
            }),
        );
        assert.deepEqual(texts, expected);
        assert.equal(upstream.calls.length, numbers.length);
    }));

it('nobody sees a 429 while one key has room', () =>
    withPool({ keys: 10 }, async ({ client, upstream }) => {
        upstream.always((call, response) =>
            (call.key === secretOf(10) ? chat(answerTo(call)) : rateLimited(60))(call, response),
        );
        const answers = await Promise.all(numbers.map((i) => client.chat.completions.create(request(i))));
        assert.deepEqual(
            answers.map((each) => each.choices[0].message.content),
            expected,
        );
        assert.equal(upstream.calls.filter((call) => call.key === secretOf(10)).length, numbers.length);
    }));

it('of 200 requests on limits of 100 exactly 100 are served', () =>
    withPool({ keys: 4, key: { rpm_limit: 25 } }, async ({ client, upstream }) => {
        upstream.always((call, response) => chat(answerTo(call))(call, response));
        const outcomes = await Promise.all(
            numbers.map((i) =>
                client.chat.completions.create(request(i)).then(
                    (each) => each.choices[0].message.content,
                    (failure) => failure.code,
                ),
            ),
        );
        assert.equal(outcomes.filter((each) => each === 'pool_exhausted').length, 100);
        assert.equal(outcomes.filter((each, i) => each === expected[i]).length, 100);
        assert.equal(upstream.calls.length, 100);
    }));
