#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon the desktop shows a window with something in it, what it costs while nothing happens, and what it holds in
memory before it has any data; each beside KeePassXC in the same run, in turns. Needs python3-xlib, xvfb and keepassxc.

usage: QT_QPA_PLATFORM=xcb xvfb-run -a tests/gui/insession /usr/bin/python3 tests/bench/desktop/start.py build/release/bin/keymux-admin
"""

import argparse
import statistics
import subprocess
import sys
import time

from processes import cpu_seconds, resident_mib
from Xlib import X, display

PATIENCE_S = 20


def is_painted(window):
    """Whether more than one colour is in the window's middle."""
    shape = window.get_geometry()
    side = min(shape.width, shape.height, 400)
    image = window.get_image((shape.width - side) // 2, (shape.height - side) // 2, side, side, X.ZPixmap, 0xFFFFFF)
    return image.data.count(image.data[:4]) * 4 < len(image.data)


def until_shown(screen, command):
    """Starts a program; seconds until its first real window is painted, and the process."""
    root = screen.screen().root
    root.change_attributes(event_mask=X.SubstructureNotifyMask)
    screen.sync()
    while screen.pending_events():
        screen.next_event()
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    window = None
    while time.monotonic() < begun + PATIENCE_S:
        while screen.pending_events():
            event = screen.next_event()
            if event.type == X.MapNotify:
                shape = event.window.get_geometry()
                if shape.width > 300 and shape.height > 200:
                    window = event.window
        if window and is_painted(window):
            return time.monotonic() - begun, process
        time.sleep(0.002)
    process.kill()
    sys.exit(f"{command[0]} showed no window in {PATIENCE_S} s")


def end(process):
    process.terminate()
    process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--idle", type=float, default=20, help="seconds to watch what a program costs at rest")
    options = parser.parse_args()
    programs = {"keymux-admin": [options.program], "KeePassXC": ["keepassxc"]}
    screen = display.Display()
    starts = {name: [] for name in programs}
    for turn in range(options.rounds + 1):
        for name, command in programs.items():
            seconds, process = until_shown(screen, command)
            end(process)
            if turn > 0:  # the first fills the disk's cache
                starts[name].append(seconds * 1000)
    print("| program | window after, ms (median, worst) | idle CPU, % of a core | memory, MiB |")
    print("|---|---|---|---|")
    medians = {}
    for name, command in programs.items():
        _, process = until_shown(screen, command)
        time.sleep(5)
        before, at = cpu_seconds(process.pid), time.monotonic()
        time.sleep(options.idle)
        idle = (cpu_seconds(process.pid) - before) / (time.monotonic() - at) * 100
        memory = resident_mib(process.pid)
        end(process)
        medians[name] = statistics.median(starts[name])
        print(f"| {name} | {medians[name]:.0f}, {max(starts[name]):.0f} | {idle:.2f} | {memory:.0f} |")
    print(f"\nkeymux-admin / KeePassXC: {medians['keymux-admin'] / medians['KeePassXC']:.2f} × to the first window")


if __name__ == "__main__":
    main()
