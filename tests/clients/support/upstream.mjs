// SPDX-License-Identifier: GPL-3.0-or-later
import { createServer } from 'node:http';
import { goodAnswer } from './answers.mjs';

/**
 * A provider that does what the test says and remembers what it was sent. A script is `(call, response) => …`; those
 * given to next() answer one call each, in their order, then the one given to always(), by default a good answer.
 */
export class Upstream {
    #server;
    #next = [];
    #always = goodAnswer;
    calls = [];

    static async start() {
        const upstream = new Upstream();
        upstream.#server = createServer((request, response) => upstream.#take(request, response));
        await new Promise((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
        return upstream;
    }

    get baseUrl() {
        return `http://127.0.0.1:${this.#server.address().port}/v1`;
    }

    get last() {
        return this.calls.at(-1);
    }

    next(...scripts) {
        this.#next.push(...scripts);
    }

    always(script) {
        this.#always = script;
    }

    reset() {
        this.#next = [];
        this.#always = goodAnswer;
        this.calls = [];
    }

    async stop() {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    async #take(request, response) {
        const call = { method: request.method, path: request.url, headers: request.headers };
        call.key = request.headers.authorization?.replace('Bearer ', '');
        // Fulfilled when the caller goes before it has the whole answer.
        call.left = new Promise((resolve) =>
            response.once('close', () => response.writableFinished || resolve('left')),
        );
        const pieces = [];
        try {
            for await (const piece of request) pieces.push(piece);
        } catch {
            return; // it left while it was still sending
        }
        call.body = Buffer.concat(pieces);
        call.json = call.body.length > 0 ? JSON.parse(call.body) : undefined;
        this.calls.push(call);
        try {
            await (this.#next.shift() ?? this.#always)(call, response);
        } catch (failure) {
            response.destroy(); // so that nobody waits for the rest while the test fails
            throw failure;
        }
    }
}
