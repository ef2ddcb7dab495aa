# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks programs as a screen reader meets them, over the accessibility bus, and tells which controls have no name.
Needs python3-gi and gir1.2-atspi-2.0; started by the script `accessibilitybus` beside it."""

import argparse
import os
import pathlib
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PATIENCE_S = 20
CONTROLS = {
    "push button", "button", "toggle button", "check box", "radio button", "combo box", "entry", "text", "password text",
    "spin button", "slider", "list", "list item", "table", "tree", "tree table", "page tab", "menu item",
    "check menu item", "radio menu item", "link",
}  # fmt: skip
# What Qt itself puts into its combo boxes and spin boxes is told by the whole.
WHOLES = {"combo box", "spin button"}
WINDOWS = {"frame", "dialog", "alert", "file chooser", "window", "popup menu"}
MENU_ITEMS = {"menu item", "check menu item", "radio menu item"}


class Bus:
    """One program on the accessibility bus."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.app = wait_for(self.find_app, f"{command[0]} on the accessibility bus")

    def find_app(self):
        desktop = Atspi.get_desktop(0)
        for app in children(desktop):
            if app.get_process_id() == self.process.pid and children(app):
                app.set_cache_mask(Atspi.Cache.NONE)
                return app
        return None

    def windows(self):
        return [window for window in children(self.app) if shows(window)]

    def dialogs(self):
        return [node for node in self.nodes() if node.get_role_name() in ("dialog", "alert", "file chooser")]

    def nodes(self):
        """Everything that shows, and the menus whether open or not."""
        for window in self.windows():
            yield from walk(window)

    def find(self, name, roles):
        return next((node for node in self.nodes() if node.get_name() == name and node.get_role_name() in roles), None)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_for(question, what):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if answer := question():
                return answer
        except GLib.Error:
            pass  # a widget that went away while it was asked
        time.sleep(0.1)
    sys.exit(f"not within {PATIENCE_S} s: {what}")


def children(node):
    found = (node.get_child_at_index(index) for index in range(node.get_child_count()))
    return [child for child in found if child]


def shows(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def enabled(node):
    return node.get_state_set().contains(Atspi.StateType.ENABLED)


def walk(node, in_menu=False):
    yield node
    role = node.get_role_name()
    if role in WHOLES or role in ("table", "tree", "tree table"):
        return
    in_menu = in_menu or role == "menu bar"
    for child in children(node):
        if in_menu or shows(child):
            yield from walk(child, in_menu)


def press(node):
    try:
        node.do_action(0)
    except GLib.Error:
        pass  # a dialog that waits for its answer answers the bus only afterwards


def path_of(node):
    names = []
    while node and node.get_role_name() != "application":
        names.append(f"{node.get_role_name()} “{node.get_name()}”")
        node = node.get_parent()
    return " › ".join(reversed(names))


class Tally:
    """Every control seen, once, by where it is."""

    def __init__(self):
        self.seen = {}
        self.dialogs = 0
        self.pages = 0

    def take(self, bus, place):
        time.sleep(0.3)  # a page that was just opened asks the gateway for what it shows
        for node in list(bus.nodes()):
            try:
                if node.get_role_name() not in CONTROLS:
                    continue
                key = (node.path, node.get_role_name())
                if key not in self.seen or not self.seen[key][0]:
                    self.seen[key] = (node.get_name().strip(), f"{place}: {path_of(node)}")
            except GLib.Error:
                continue

    def nameless(self):
        return sorted(where for name, where in self.seen.values() if not name)

    def share(self):
        return 100 * len(self.nameless()) / max(1, len(self.seen))


def dismiss(bus):
    for name in ("Cancel", "Close", "OK", "No", "Discard"):
        for dialog in bus.dialogs():
            button = next((n for n in walk(dialog) if n.get_name() == name and "button" in n.get_role_name()), None)
            if button:
                press(button)
                time.sleep(0.2)
                if not bus.dialogs():
                    return
    Atspi.generate_keyboard_event(0xFF1B, None, Atspi.KeySynthType.SYM)
    time.sleep(0.3)


def open_each(bus, tally, items, place):
    """Presses menu items by name, and walks the dialog that each opens."""
    for item in items:
        node = bus.find(item, MENU_ITEMS)
        if not node or not enabled(node):
            continue
        press(node)
        time.sleep(0.4)
        if bus.dialogs():
            tally.take(bus, f"{place} › {item}")
            tally.dialogs += 1
            dismiss(bus)


def menu_named(bus, name):
    menu = bus.find(name, MENU_ITEMS | {"menu"})
    return [node.get_name() for node in walk(menu, True) if node.get_role_name() in MENU_ITEMS][1:] if menu else []


def children_of(pid):
    """The processes that a program started, from any of its threads."""
    lists = pathlib.Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for some in lists for child in some.read_text().split()]


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def walk_keymux(program):
    bus, tally = Bus([program]), Tally()
    try:
        tally.take(bus, "start")
        press(wait_for(lambda: bus.find("Try the demo here", CONTROLS), "the button that starts the demo"))
        wait_for(lambda: not bus.find("Try the demo here", CONTROLS), "a connection to the demo")
        pages = [node.get_name() for node in bus.nodes() if node.get_role_name() == "list item"]
        for page in pages:
            press(bus.find(page, MENU_ITEMS))
            tally.take(bus, page)
            wanted = [name for name in menu_named(bus, "Page") if name.endswith("…")]
            open_each(bus, tally, wanted, page)
        open_each(bus, tally, ["Connections…", "New connection…", "Commands…", "About Keymux"], "window")
        tally.pages = len(pages)
        gateways = children_of(bus.process.pid)
    finally:
        bus.end()
    wait_for(lambda: gateways and not any(is_running(pid) for pid in gateways), "the end of the demo with the desktop")
    return tally


def walk_other(command, dialogs):
    bus, tally = Bus(command), Tally()
    try:
        time.sleep(3)
        tally.take(bus, "window")
        open_each(bus, tally, dialogs, "window")
    finally:
        bus.end()
    return tally


def references():
    settings = pathlib.Path(os.environ["XDG_CONFIG_HOME"]) / "qBittorrent" / "qBittorrent.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("[LegalNotice]\nAccepted=true\n")
    return {
        "qBittorrent": walk_other(["qbittorrent"], ["Add Torrent Link...", "Torrent Creator", "Preferences...", "About"]),
        "KeePassXC": walk_other(["keepassxc"], ["Settings", "Password Generator", "New Database…", "About"]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--reference", action="store_true", help="measure qBittorrent and KeePassXC too")
    options = parser.parse_args()
    tallies = {"keymux-admin": walk_keymux(options.program)}
    ours = tallies["keymux-admin"]
    if options.reference:
        tallies |= references()
    for name, tally in tallies.items():
        print(f"{name}: {len(tally.seen)} controls, {len(tally.nameless())} nameless ({tally.share():.1f} %), "
              f"{tally.dialogs} dialogs")  # fmt: skip
        if name == "keymux-admin" or os.environ.get("VERBOSE"):
            print("\n".join("  nameless: " + where for where in tally.nameless()))
    if ours.nameless():
        sys.exit("a control has no name")
    if ours.pages < 8 or len(ours.seen) < 120 or ours.dialogs < 6:
        sys.exit(f"too little was seen to say so: {ours.pages} pages")


if __name__ == "__main__":
    main()
