// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/eventthread.h"
#include "core/result.h"

#include <memory>
#include <string>

namespace keymux {

class DemoProvider;

/// What `serve --demo` needs beside a server: the embedded provider on its own thread, keys for it in this process's
/// environment, and a config.
class Demo {
public:
    Demo();
    ~Demo();

    /// Starts the provider and writes the demo's config into the directory. Gives the config's path.
    Result<std::string> start(const std::string &stateDir);

    /// What to try first, with a curl line to paste. `firstKey` may be empty: then the key kept in the state directory
    /// is shown.
    std::string invitation(const std::string &clientUrl, const std::string &stateDir,
                           const std::string &firstKey) const;

private:
    std::unique_ptr<DemoProvider> m_provider; ///< made and used in the thread alone
    std::unique_ptr<EventThread> m_thread;
};

} // namespace keymux
