// SPDX-License-Identifier: GPL-3.0-or-later
// Answers in OpenAI's wire format, for the scripted provider.

const created = 1795000000;
let answers = 0;

export function sendJson(response, value, status = 200, headers = {}) {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
}

export function chatAnswer(message, more = {}) {
    return {
        id: `chatcmpl-${++answers}`,
        object: 'chat.completion',
        created,
        model: 'served-model-2026-10-01',
        choices: [
            {
                index: 0,
                logprobs: null,
                message: { role: 'assistant', content: null, refusal: null, ...message },
                finish_reason: message.tool_calls ? 'tool_calls' : 'stop',
            },
        ],
        usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
        ...more,
    };
}

/** Answers with this text, or this message. */
export function chat(message) {
    const whole = typeof message === 'string' ? { content: message } : message;
    return (call, response) => sendJson(response, chatAnswer(whole));
}

export function chunk(delta, finish = null, more = {}) {
    return {
        id: 'chatcmpl-stream',
        object: 'chat.completion.chunk',
        created,
        model: 'served-model-2026-10-01',
        choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
        ...more,
    };
}

export const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };

/** The chunks of an answer, with the usage at its end when the request asked for it, as OpenAI sends them. */
export function chunksOf(call, deltas, finish = 'stop') {
    const asked = call.json.stream_options?.include_usage === true;
    const more = asked ? { usage: null } : {};
    const chunks = deltas.map((delta) => chunk(delta, null, more));
    chunks.push(chunk({}, finish, more));
    if (asked) chunks.push(chunk({}, null, { choices: [], usage }));
    return chunks;
}

export function event(value) {
    return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

export function openStream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
}

/** Streams these words, or these deltas. */
export function stream(words, finish) {
    const deltas = words.map((word) => (typeof word === 'string' ? { content: word } : word));
    return (call, response) => {
        openStream(response);
        for (const each of chunksOf(call, deltas, finish)) response.write(event(each));
        response.end(event('[DONE]'));
    };
}

export function error(status, value, headers = {}) {
    return (call, response) => sendJson(response, { error: value }, status, headers);
}

export const serverError = error(500, {
    message: 'The server had an error',
    type: 'server_error',
    param: null,
    code: null,
});

export function rateLimited(seconds) {
    const value = { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit_exceeded' };
    return error(429, value, { 'retry-after': String(seconds) });
}

/** Takes the request and never answers. */
export function silence() {}

export const vector = [0.25, -0.5, 0.125, 1];

function embedding(call) {
    const { input } = call.json;
    const count = Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
    const asBase64 = call.json.encoding_format === 'base64';
    const data = Array.from({ length: count }, (_, index) => {
        const own = vector.map((value) => value + index);
        const bytes = Buffer.from(Float32Array.from(own).buffer);
        return { object: 'embedding', index, embedding: asBase64 ? bytes.toString('base64') : own };
    });
    return { object: 'list', data, model: call.json.model, usage: { prompt_tokens: 4, total_tokens: 4 } };
}

/** What a provider without trouble says: the last message's text again, or a vector for each input. */
export function goodAnswer(call, response) {
    if (call.path.endsWith('/embeddings')) return sendJson(response, embedding(call));
    if (call.path.endsWith('/completions') && call.json.prompt !== undefined) {
        const choices = [{ text: `${call.json.prompt}!`, index: 0, logprobs: null, finish_reason: 'stop' }];
        return sendJson(response, {
            id: 'cmpl-1',
            object: 'text_completion',
            created,
            model: call.json.model,
            choices,
            usage,
        });
    }
    const text = String(call.json.messages.at(-1).content);
    return call.json.stream ? stream([text.slice(0, 3), text.slice(3)])(call, response) : chat(text)(call, response);
}
