// SPDX-License-Identifier: GPL-3.0-or-later

const patienceMs = 15000;

/** The promise's value; an error that says what was waited for when it does not come. */
export function within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), patienceMs);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A promise that is settled from outside. */
export function gate() {
    let open;
    const opened = new Promise((resolve) => (open = resolve));
    return { open, opened };
}
