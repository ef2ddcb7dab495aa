// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/keyringsession.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace keymux::testing {

namespace {

constexpr const char *inside = "KEYMUX_TEST_KEYRING";

bool isInPath(const std::string &program)
{
    const char *path = std::getenv("PATH");
    std::string rest = path ? path : "";
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (access((rest.substr(0, end) + "/" + program).c_str(), X_OK) == 0)
            return true;
        rest.erase(0, end + 1);
    }
    return false;
}

} // namespace

bool inKeyringSession()
{
    return std::getenv(inside) != nullptr;
}

void enterKeyringSession(const char *self)
{
    if (inKeyringSession() || !isInPath("dbus-run-session") || !isInPath("gnome-keyring-daemon"))
        return;
    std::string home = (std::filesystem::temp_directory_path() / "keymux-keyring-XXXXXX").string();
    if (!mkdtemp(home.data()))
        return;
    for (const char *variable : {"HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"})
        setenv(variable, home.c_str(), 1);
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    setenv(inside, home.c_str(), 1);
    const char *script = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
                         "for i in $(seq 100); do dbus-send --session --dest=org.freedesktop.DBus --print-reply / "
                         "org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true && break; "
                         "sleep 0.1; done; "
                         "\"$0\" \"$@\"; code=$?; rm -rf \"$KEYMUX_TEST_KEYRING\"; exit $code";
    execlp("dbus-run-session", "dbus-run-session", "--", "sh", "-c", script, self, nullptr);
    unsetenv(inside);
}

} // namespace keymux::testing
