// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { within } from './wait.mjs';

// What a developer has set for the SDK is not meant for these tests.
for (const name of Object.keys(process.env)) if (name.startsWith('OPENAI_')) delete process.env[name];

const running = new Set();

// A test that hangs is ended here rather than from outside, where the daemon would have to be found first.
setTimeout(() => {
    console.error('the tests take too long');
    process.exit(1);
}, 110000).unref();

process.on('exit', () => running.forEach((daemon) => daemon.discard()));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** The kernel ends the daemon with us even if nothing of ours can run any more. */
const leash = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'] : [];

function environmentOf(folder, own) {
    const all = { HOME: folder, LANG: 'C.UTF-8', ...own };
    for (const name of ['PATH', 'LD_LIBRARY_PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS', 'LSAN_OPTIONS'])
        if (process.env[name]) all[name] = process.env[name];
    return all;
}

/** `keymuxd serve` in a folder of its own, on free ports. */
export class Daemon {
    #child;
    #ended;
    #folder = mkdtempSync(join(tmpdir(), 'keymux-clients-'));
    #environment;
    out = '';
    log = '';

    static async start({ config, environment = {}, flags = [] } = {}) {
        const daemon = new Daemon();
        await daemon.#start(config, environment, flags);
        return daemon;
    }

    get stateFolder() {
        return join(this.#folder, 'state');
    }

    async #start(config, environment, flags) {
        if (!process.env.KEYMUXD) throw new Error('KEYMUXD must name the keymuxd to test');
        const command = [...leash, process.env.KEYMUXD, 'serve', '--state', this.stateFolder];
        command.push('--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--workers', '2', ...flags);
        if (config) {
            const file = join(this.#folder, 'key-pool-config.json');
            writeFileSync(file, JSON.stringify(config, null, 2));
            command.push('--config', file);
        }
        this.#environment = environmentOf(this.#folder, environment);
        this.#child = spawn(command[0], command.slice(1), {
            cwd: this.#folder,
            env: this.#environment,
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        running.add(this);
        this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
        this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
        const ready = new Promise((resolve, reject) => {
            this.#child.once('error', reject);
            this.#child.once('close', (code) => reject(new Error(`keymuxd ended with ${code}:\n${this.log}`)));
            this.#child.stdout.setEncoding('utf8').on('data', (text) => {
                this.out += text;
                const line = /^keymuxd ready: (http:\S+) admin http:\S+\n/m.exec(this.out);
                if (line) resolve(line[1]);
            });
        });
        this.url = await within(ready, 'keymuxd to be ready');
        this.virtualKey = /^Virtual Key: (sk-\S+)$/m.exec(this.out)?.[1];
    }

    /**
     * The SDK pointed at this daemon. `sent` is what it put on the wire, one entry for each call. It does not retry
     * unless it is told to, so that nothing is hidden by a second try.
     */
    sdk(options = {}) {
        const sent = [];
        const client = new OpenAI({
            apiKey: this.virtualKey,
            baseURL: `${this.url}/v1`,
            maxRetries: 0,
            timeout: 15000,
            fetch: (url, init) => {
                sent.push({ url: String(url), body: init?.body });
                return fetch(url, init);
            },
            ...options,
        });
        return { client, sent };
    }

    /** Runs another command of the daemon and gives what it wrote to stdout. */
    async run(...args) {
        const child = spawn(process.env.KEYMUXD, args, {
            env: this.#environment,
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        let out = '';
        child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
        const code = await new Promise((resolve) => child.once('close', resolve));
        if (code !== 0) throw new Error(`keymuxd ${args.join(' ')} ended with ${code}`);
        return out;
    }

    /** Ends it at once and removes what it leaves behind. */
    discard() {
        this.#child.kill('SIGKILL');
        rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    }

    async stop() {
        this.#child.kill('SIGKILL');
        await this.#ended;
        this.discard();
        running.delete(this);
    }
}
