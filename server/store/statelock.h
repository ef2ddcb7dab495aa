// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <string>

namespace keymux {

/// The state directory: `--state`, else $STATE_DIRECTORY, else $XDG_STATE_HOME/keymux, else ~/.local/state/keymux.
/// Created 0700.
Result<std::string> openStateDir(const std::string &flag);

/// The same directory for commands that only look: error `no_state` when it is not there.
Result<std::string> findStateDir(const std::string &flag);

/// One state, one server: an flock on STATE/lock, which holds the pid of its owner. Freed by the kernel whatever
/// happens to the process.
class StateLock {
public:
    /// Error `state_locked` names the directory and the process that holds it.
    static Result<StateLock> take(const std::string &stateDir);
    /// Takes over the descriptor by which another process holds it: it is never free in between. Until that process has
    /// closed its own, both hold it. Error `bad_lock` when it is not the lock of that directory.
    static Result<StateLock> adopt(int fd, const std::string &stateDir);
    /// Writes down that this process is its owner.
    Result<void> sign() const;
    int fd() const { return m_fd; }

    StateLock(StateLock &&other) noexcept;
    StateLock &operator=(StateLock &&other) noexcept;
    ~StateLock();

private:
    explicit StateLock(int fd) : m_fd(fd) {}
    int m_fd = -1;
};

} // namespace keymux
