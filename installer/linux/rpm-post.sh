systemd-sysusers keymux.conf
mkdir -p /etc/keymux
[ -e /etc/keymux/key-pool-config.json ] || cp /usr/share/keymux/key-pool-config.json /etc/keymux/key-pool-config.json
systemd-tmpfiles --create keymux.conf
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart keymux.service
fi
