// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/configlookup.h"

#include <QFileInfo>

namespace keymux {

Result<std::string> findConfig(const std::optional<std::string> &given)
{
    if (given) {
        if (QFileInfo::exists(QString::fromStdString(*given)))
            return *given;
        return failure("config_missing", "there is no config " + *given);
    }
    for (const char *path : {"./key-pool-config.json", "/etc/keymux/key-pool-config.json"}) {
        if (QFileInfo::exists(QString::fromLatin1(path)))
            return std::string(path);
    }
    return failure("config_missing",
                   "there is no config: neither ./key-pool-config.json nor /etc/keymux/key-pool-config.json exists; "
                   "name one with --config FILE, or try `keymuxd serve --demo`");
}

} // namespace keymux
