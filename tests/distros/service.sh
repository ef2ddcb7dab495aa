# SPDX-License-Identifier: GPL-3.0-or-later
# The installed service under systemd itself, in the root at $root: read by `packages.sh`.
say "the service under systemd itself"

group=$(findmnt --noheadings --raw --output TARGET --types cgroup2 | head -1)/keymux-distros-$suite
mkdir -p "$group"
(
    echo "$BASHPID" >"$group/cgroup.procs"
    exec unshare --mount --propagation private --pid --fork --kill-child --cgroup --uts --ipc --net "$here/boot" "$root"
) >"$folder/$suite.boot.log" 2>&1 &
boot=$!
manager() { cat "/proc/$boot/task/$boot/children"; }
booted() {
    nsenter --target "$(manager | tr -d ' ')" --mount --uts --ipc --net --pid --cgroup --root --wd \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "$1"
}
for _ in $(seq 100); do
    if booted 'test -S /run/systemd/private' 2>/dev/null; then break; fi
    sleep 0.2
done
booted 'systemctl is-system-running --wait || true
    systemctl --version | head -1' || { cat "$folder/$suite.boot.log"; exit 1; }

cp "$root/tmp/keymux-server.deb" "$root/var/cache/" # it has another /tmp

# What the steps below share.
cat >"$root/usr/local/lib/service-steps" <<'EOF'
main_pid() { systemctl show --property MainPID --value keymux; }
healthy() { curl -fsS http://127.0.0.1:4000/health/readiness | grep -q '"usable":1,\|"usable":1}'; }
settled() { for i in $(seq 100); do "$@" && return; sleep 0.1; done; systemctl status --no-pager keymux; journalctl -b -o cat -u keymux; return 1; }
# Requests without a pause, until stopped; each must be answered.
ask() { touch /run/asking; (n=0; while [ -e /run/asking ]; do
    curl -fsS --max-time 60 -o /dev/null http://127.0.0.1:4000/v1/models -H "Authorization: Bearer $(cat /var/lib/keymux/virtual-key)" || { touch /run/unanswered; break; }
    n=$((n + 1)); done; echo "$n requests were answered") & }
answered() { rm /run/asking; wait; test ! -e /run/unanswered; }
EOF

say "it starts with a credential, and reads its config again"
booted '. /usr/local/lib/service-steps
    systemctl stop keymux.service
    mkdir -p /etc/systemd/system/keymux.service.d
    (umask 077; echo AIzaSecretOfThisRun >/etc/keymux/secrets/gemini-key-1)
    printf "[Service]\nLoadCredential=GEMINI_KEY_1:/etc/keymux/secrets/gemini-key-1\n" >/etc/systemd/system/keymux.service.d/secrets.conf
    systemctl daemon-reload
    systemctl start keymux.service
    healthy
    systemctl show --property StatusText keymux | grep "serving clients on http://127.0.0.1:4000"
    journalctl -b -o cat -u keymux | grep "1 keys (1 usable)"
    if cat "/proc/$(main_pid)/environ" "/proc/$(main_pid)/cmdline" | grep -a AIza || journalctl -b | grep AIza; then exit 1; fi
    sed -i "s/\"rpm_limit\": 15/\"rpm_limit\": 14/" /etc/keymux/key-pool-config.json
    systemctl reload keymux.service
    settled sh -c "curl -fsS http://127.0.0.1:4000/health/readiness | grep -q \"revision.:2\""
    token="Authorization: Bearer $(cat /var/lib/keymux/admin-token)"
    curl -fsS -D /run/head -o /run/pool http://127.0.0.1:4001/admin/v1/pool -H "$token"
    curl -fsS -X PUT http://127.0.0.1:4001/admin/v1/pool -H "$token" -H "Content-Type: application/json" \
        -H "If-Match: $(tr -d "\r" </run/head | sed -n "s/^etag: *//Ip")" --data-binary @/run/pool >/dev/null'

say "with its socket, a restart and an upgrade leave nobody unanswered"
booted '. /usr/local/lib/service-steps
    systemctl stop keymux.service
    systemctl enable --now keymux.socket
    systemctl start keymux.service
    ask
    before=$(main_pid)
    systemctl restart keymux.service
    test "$(main_pid)" != "$before"
    before=$(main_pid)
    apt-get install -y -qq --reinstall /var/cache/keymux-server.deb >/dev/null
    test "$(main_pid)" != "$before"
    settled healthy
    answered
    systemctl disable --now keymux.socket
    systemctl restart keymux.service'

say "a takeover as its reload (OPERATIONS) leaves nobody unanswered, with and without its secrets"
booted '. /usr/local/lib/service-steps
    cp /usr/share/doc/keymux-server/examples/keymux-takeover.conf /etc/systemd/system/keymux.service.d/takeover.conf
    systemctl daemon-reload
    ask
    before=$(main_pid)
    systemctl reload keymux.service
    # Whether such a process has the credentials of the service depends on the version of systemd. Without, nothing changes.
    refused() { journalctl -b -o cat -u keymux | grep -q "none of the keys has a secret here"; }
    another() { test "$(main_pid)" != "$before"; }
    settled sh -c "$(declare -f refused another main_pid); before=$before; refused || another"
    if refused; then echo "a reload has no credentials here"; ! another; fi
    healthy
    runuser -u keymux -- keymuxd secret set --state /var/lib/keymux GEMINI_KEY_1 </etc/keymux/secrets/gemini-key-1
    rm /etc/systemd/system/keymux.service.d/secrets.conf
    systemctl daemon-reload
    before=$(main_pid)
    systemctl reload keymux.service
    settled another
    settled sh -c "test ! -e /proc/$before"
    systemctl is-active keymux.service
    healthy
    answered
    rm /etc/systemd/system/keymux.service.d/takeover.conf
    systemctl daemon-reload
    systemctl restart keymux.service
    healthy
    systemctl stop keymux.service
    test "$(systemctl show --property Result --value keymux)" = success'

kill -KILL "$boot" # takes the manager with it; other signals are ignored
wait "$boot" || true
# The groups of its services stay behind in it, and can go when the last of its processes has.
for _ in $(seq 100); do
    if find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; then break; fi
    sleep 0.1
done
test ! -e "$group"
