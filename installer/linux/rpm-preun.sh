if [ "$1" = 0 ] && [ -d /run/systemd/system ]; then
    systemctl disable --now keymux.socket keymux.service
fi
