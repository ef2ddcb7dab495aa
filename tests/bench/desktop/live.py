#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desktop costs while it watches: the real program on a screen, a gateway that it runs itself with many
deployments under traffic, four updates a second; each view of the Live page in turn. Needs python3-xlib, xvfb and nginx.

usage: QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24" tests/gui/insession \\
           /usr/bin/python3 tests/bench/desktop/live.py build/release/bin/keymux-admin [--seconds 600]
"""

import argparse
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from processes import cpu_seconds, resident_mib
from Xlib import XK, X, display
from Xlib.ext import xtest

PATIENCE_S = 30
MODEL = "gemini-2.0-flash"
ANSWER = json.dumps({
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL,
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20},
})  # fmt: skip
NGINX = """daemon off; master_process off; worker_processes 1; pid %(folder)s/pid; error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path %(folder)s/body; proxy_temp_path %(folder)s/proxy; fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi; scgi_temp_path %(folder)s/scgi;
  server { listen 127.0.0.1:%(port)d; location / { return 200 '%(answer)s'; } }
}
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(question, what):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.1)
    sys.exit(f"not within {PATIENCE_S} s: {what}")


def start_upstream(nginx, folder, port):
    config = folder / "nginx.conf"
    config.write_text(NGINX % {"folder": folder, "port": port, "answer": ANSWER})
    return subprocess.Popen([nginx, "-p", folder, "-c", config, "-e", "stderr"])


def prepare_desktop(home, port, deployments):
    """The desktop as it was left: its own gateway was open, on the Live page, with four updates a second."""
    keys = [{"key_id": f"key-{n}", "api_key": f"env:SOAK_KEY_{n}", "rpm_limit": 60} for n in range(1, deployments + 1)]
    pool = {"providers": {"gemini": {"base_url": f"http://127.0.0.1:{port}/v1", "models": [{"model": MODEL}], "keys": keys}}}
    data = home / "data" / "keymux" / "keymux-admin"
    (data / "gateway").mkdir(parents=True, mode=0o700)
    (data / "gateway" / "key-pool-config.json").write_text(json.dumps(pool))
    own = {"id": "own", "name": "This computer", "own_gateway": True}
    (data / "connections.json").write_text(json.dumps({"connections": [own], "last_used": "own"}))
    settings = home / "config" / "keymux" / "keymux-admin.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text("[General]\ninterval_ms=250\npage=live\ntheme=light\n")
    return data


def client_address(data):
    text = (data / "connections.json").read_text()
    return json.loads(text)["connections"][0].get("client_url") if text else None


class Traffic:
    """So many requests a second, each on a connection that is kept."""

    def __init__(self, address, key, rate, threads=4):
        self.good = self.bad = 0
        self.stopped = False
        self.address = urllib.parse.urlsplit(address)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.threads = [threading.Thread(target=self.run, args=(threads / rate,), daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, pause):
        body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]})
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        due = time.monotonic()
        while not self.stopped:
            connection.request("POST", "/v1/chat/completions", body, self.headers)
            answer = connection.getresponse()
            answer.read()
            self.good += answer.status == 200
            self.bad += answer.status != 200
            due = max(due + pause, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))

    def end(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


def main_window(screen):
    for window in screen.screen().root.query_tree().children:
        shape = window.get_geometry()
        if shape.width > 600 and window.get_attributes().map_state == X.IsViewable:
            return window
    return None


def press_alt(screen, window, letter):
    """A shortcut, as a person presses it."""
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    codes = [screen.keysym_to_keycode(XK.XK_Alt_L), screen.keysym_to_keycode(XK.string_to_keysym(letter))]
    for code in codes:
        xtest.fake_input(screen, X.KeyPress, code)
    for code in reversed(codes):
        xtest.fake_input(screen, X.KeyRelease, code)
    screen.sync()


def picture(window, file):
    shape = window.get_geometry()
    image = window.get_image(0, 0, shape.width, shape.height, X.ZPixmap, 0xFFFFFFFF)
    rgb = bytearray(shape.width * shape.height * 3)
    rgb[0::3], rgb[1::3], rgb[2::3] = image.data[2::4], image.data[1::4], image.data[0::4]
    file.write_bytes(b"P6 %d %d 255\n" % (shape.width, shape.height) + rgb)


def watch(name, pid, seconds, traffic):
    good = traffic.good
    before, at = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - at
    share, memory = (cpu_seconds(pid) - before) / took * 100, resident_mib(pid)
    print(f"| {name} | {took:.0f} | {(traffic.good - good) / took:.0f} | {share:.1f} | {memory:.0f} |", flush=True)
    return memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=600, help="how long the table is watched")
    parser.add_argument("--others", type=float, default=60, help="how long each other view is watched")
    parser.add_argument("--deployments", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=400, help="requests a second, each to another deployment")
    parser.add_argument("--nginx", default="/usr/sbin/nginx")
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder for a picture (PPM) of each view")
    options = parser.parse_args()
    home = pathlib.Path(os.environ["HOME"])
    port, folder = free_port(), pathlib.Path(tempfile.mkdtemp(dir=home))
    data = prepare_desktop(home, port, options.deployments)
    upstream = start_upstream(options.nginx, folder, port)
    secrets = {f"SOAK_KEY_{n}": f"secret-{n}" for n in range(1, options.deployments + 1)}
    log = open(folder / "desktop.log", "w+")
    desktop = subprocess.Popen([options.program], env=os.environ | secrets, stdout=log, stderr=log)
    traffic = None
    try:
        screen = display.Display()
        address = wait_for(lambda: client_address(data), "the desktop's own gateway")
        window = wait_for(lambda: main_window(screen), "the desktop's window")
        key = (data / "gateway" / "state" / "virtual-key").read_text().strip()
        traffic = Traffic(address, key, options.rate)
        time.sleep(5)
        print("| view | seconds | requests a second | desktop, % of a core | memory, MiB |\n|---|---|---|---|---|")
        views = {"table": ("t", options.seconds), "heat map": ("h", options.others), "charts": ("c", options.others)}
        most = 0
        for name, (letter, seconds) in views.items():
            press_alt(screen, window, letter)
            most = max(most, watch(name, desktop.pid, seconds, traffic))
            if options.pictures:
                picture(window, options.pictures / f"live-{name.replace(' ', '-')}.ppm")
        traffic.end()
        print(f"\n{traffic.good} requests answered, {traffic.bad} not")
        if desktop.poll() is not None or traffic.bad or traffic.good < options.rate * options.seconds / 2:
            sys.exit("the desktop ended, or its gateway was not under traffic: " + (folder / "desktop.log").read_text())
        if most >= 200:
            sys.exit(f"{most:.0f} MiB are too much")
    finally:
        if traffic:
            traffic.stopped = True
        desktop.terminate()
        desktop.wait()
        upstream.kill()


if __name__ == "__main__":
    main()
