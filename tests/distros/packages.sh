# SPDX-License-Identifier: GPL-3.0-or-later
# What becomes of the packages in a root that has nothing of the build: read by `run`, which has set $root, $suite, $folder.
if [ "${#packages[@]}" = 0 ]; then
    say "installer/build DEB"
    inside 'apt-get install -y -qq --no-install-recommends dpkg-dev file lintian >/dev/null
        cd /src && rm -rf build/release/packages && ./quickstart --version && installer/build DEB'
    packages=("$root"/src/build/release/packages/keymux-server_*.deb "$root"/src/build/release/packages/keymux-admin_*.deb)
    say "lintian"
    inside 'lintian --fail-on error /src/build/release/packages/*.deb'
fi

say "install into a root that has nothing of the build"
root=$folder/$suite.clean
clean_root
enter
inside 'apt-get update -qq'
for package in "${packages[@]}"; do cp "$package" "$root/tmp/$(basename "${package%%_*}").deb"; done
test -e "$root/tmp/keymux-server.deb"

inside 'apt-get install -y -qq --no-install-recommends /tmp/keymux-server.deb curl >/dev/null
    keymuxd --version && getent passwd keymux && test -e /etc/keymux/key-pool-config.json
    test "$(stat -c "%a %U" /var/lib/keymux)" = "700 keymux"'

say "the service's own command line starts and answers; an upgrade keeps state and config"
# Alone, so that what listens on this machine is not in its way.
alone 'command=$(sed -n "s/^ExecStart=//p" /usr/lib/systemd/system/keymux.service)
    echo "// edited by hand" >>/etc/keymux/key-pool-config.json
    start() { setpriv --reuid keymux --regid keymux --clear-groups env STATE_DIRECTORY=/var/lib/keymux GEMINI_KEY_1=none $command >/tmp/serve.log 2>&1 & }
    ready() { for i in $(seq 100); do grep -q "^keymuxd ready" /tmp/serve.log && return; sleep 0.1; done; cat /tmp/serve.log; return 1; }
    stop() { kill -TERM %1; wait %1; }
    start; ready
    key=$(cat /var/lib/keymux/virtual-key)
    curl -fsS http://127.0.0.1:4000/v1/models -H "Authorization: Bearer $key" | grep gemini-2.5-flash
    curl -fsS http://127.0.0.1:4000/health/readiness
    stop
    apt-get install -y -qq --reinstall /tmp/keymux-server.deb >/dev/null
    grep -q "edited by hand" /etc/keymux/key-pool-config.json
    start; ready
    curl -fsS http://127.0.0.1:4000/v1/models -H "Authorization: Bearer $key" >/dev/null
    stop'

. "$here/service.sh"

if [ -e "$root/tmp/keymux-admin.deb" ]; then
    say "the desktop: nothing undeclared is needed"
    inside 'apt-get install -y -qq --no-install-recommends /tmp/keymux-admin.deb >/dev/null
        for file in /usr/bin/keymux-admin $(find /usr/lib -path "*/qt6/plugins/platforms/libqxcb.so" | grep .); do
            if ldd "$file" | grep "not found"; then exit 1; fi
        done
        QT_QPA_PLATFORM=offscreen keymux-admin --version'
    say "it opens by its desktop file"
    cp "$here"/../installer/{opendesktop,picture} "$root/tmp/"
    # A screen, a bus and a font are what every desktop has.
    inside 'apt-get install -y -qq --no-install-recommends xvfb x11-utils dbus python3-minimal fonts-dejavu-core >/dev/null
        bash /tmp/opendesktop /usr /tmp/desktop.png'
    cp "$root/tmp/desktop.png" "$folder/$suite.png"
    inside 'apt-get install -y -qq --reinstall /tmp/keymux-admin.deb >/dev/null
        apt-get purge -y -qq keymux-admin >/dev/null
        test ! -e /usr/bin/keymux-admin; test ! -e /usr/share/doc/keymux-admin; test ! -e /usr/share/applications/keymux-admin.desktop'
fi

say "removed, state stays; purged, nothing does"
inside 'apt-get remove -y -qq keymux-server >/dev/null; test ! -e /usr/bin/keymuxd; test -e /var/lib/keymux/virtual-key
    apt-get purge -y -qq keymux-server >/dev/null; test ! -e /var/lib/keymux; test ! -e /etc/keymux'
