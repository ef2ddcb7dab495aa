// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { vector } from './support/answers.mjs';
import { Daemon } from './support/daemon.mjs';
import { assertSameButModel, failureOf, poolOf } from './support/pool.mjs';
import { Upstream } from './support/upstream.mjs';

describe('endpoints', () => {
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

    it('embeddings come as numbers when they are asked for', async () => {
        const answer = await client.embeddings.create({
            model: 'text-embedding-3-small',
            input: ['a', 'ü'],
            encoding_format: 'float',
            dimensions: 4,
        });
        assert.equal(upstream.last.path, '/v1/embeddings');
        assert.equal(upstream.last.body.toString(), sent[0].body);
        assert.deepEqual(
            answer.data.map((each) => each.embedding),
            [vector, vector.map((value) => value + 1)],
        );
        assert.deepEqual(answer.usage, { prompt_tokens: 4, total_tokens: 4 });
    });

    it('embeddings come in base64 by default and are the same numbers', async () => {
        const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
        assert.equal(upstream.last.json.encoding_format, 'base64');
        assert.equal(upstream.last.body.toString(), sent[0].body);
        assert.deepEqual([...answer.data[0].embedding], vector);
        assert.match(answer._request_id, /\S{8,}/);
    });

    it('embeddings take tokens as well', async () => {
        const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: [[1, 2, 3], [50256]] });
        assert.deepEqual(upstream.last.json.input, [[1, 2, 3], [50256]]);
        assert.equal(answer.data.length, 2);
    });

    it('embeddings are not asked of a model that chats, nor the other way round', async () => {
        const noVector = await failureOf(client.embeddings.create({ model: 'gpt-4o', input: 'a' }));
        assert.equal(noVector.constructor.name, 'NotFoundError');
        assert.equal(noVector.code, 'model_not_found');
        const noChat = await failureOf(
            client.chat.completions.create({
                model: 'text-embedding-3-small',
                messages: [{ role: 'user', content: 'x' }],
            }),
        );
        assert.equal(noChat.code, 'model_not_found');
        assert.equal(upstream.calls.length, 0);
    });

    it('completions are served', async () => {
        const answer = await client.completions.create({
            model: 'gpt-3.5-turbo-instruct',
            prompt: 'Say "hé"',
            suffix: 'x',
            best_of: 1,
            max_tokens: 3,
        });
        assert.equal(upstream.last.path, '/v1/completions');
        assertSameButModel(upstream.last.body, sent[0].body, 'gpt-3.5-turbo-instruct');
        assert.equal(answer.object, 'text_completion');
        assert.equal(answer.choices[0].text, 'Say "hé"!');
    });

    it('the models are listed', async () => {
        const ids = [];
        for await (const model of client.models.list()) {
            assert.equal(model.object, 'model');
            assert.equal(typeof model.created, 'number');
            assert.equal(typeof model.owned_by, 'string');
            ids.push(model.id);
        }
        assert.ok(ids.includes('served-model'), ids.join());
        assert.ok(ids.includes('text-embedding-3-small'), ids.join());
        assert.equal(new Set(ids).size, ids.length);
        assert.equal(upstream.calls.length, 0);
    });

    it('a model is retrieved by its name', async () => {
        const model = await client.models.retrieve('served-model');
        assert.equal(model.id, 'served-model');
        assert.equal(model.object, 'model');
        const failure = await failureOf(client.models.retrieve('no-such-model'));
        assert.equal(failure.constructor.name, 'NotFoundError');
        assert.equal(failure.code, 'model_not_found');
    });

    it('a base URL without /v1 will do', async () => {
        const { client: short, sent: calls } = daemon.sdk({ baseURL: daemon.url });
        const answer = await short.chat.completions.create({
            model: 'gpt-4o',
            messages: [{ role: 'user', content: 'hello' }],
        });
        assert.equal(calls[0].url, `${daemon.url}/chat/completions`);
        assert.equal(answer.choices[0].message.content, 'hello');
        const vectors = await short.embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
        assert.deepEqual([...vectors.data[0].embedding], vector);
        assert.equal((await short.completions.create({ model: 'gpt-4o', prompt: 'p' })).choices[0].text, 'p!');
        assert.equal((await short.models.retrieve('served-model')).id, 'served-model');
        assert.deepEqual(
            upstream.calls.map((call) => call.path),
            ['/v1/chat/completions', '/v1/embeddings', '/v1/completions'],
        );
    });
});
