// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace keymux {

/// Notices that files changed, by asking the file system ten times a second: the one way that also sees a mounted
/// ConfigMap's symlink swap, a network mount and an editor's rename. A change is told once the file has been the same
/// for one more look, so a half-written file is left alone.
class FileWatch : public QObject {
    Q_OBJECT

public:
    explicit FileWatch(QObject *parent = nullptr);

    /// Replaces what is watched; the files as they are now count as known. False when it is the same as before: then
    /// nothing changes.
    bool watch(std::vector<std::string> paths);
    /// Counts a watched file as known as it is now, if `isOurs` says so of what is in it; what changes after that
    /// question was asked is told.
    void know(const std::string &path, const std::function<bool()> &isOurs);

Q_SIGNALS:
    void changed();

private:
    struct Stamp {
        std::uint64_t device = 0, inode = 0;
        std::int64_t size = -1, modified = 0, changed = 0; ///< nanoseconds
        bool operator==(const Stamp &) const = default;
    };
    static Stamp stampOf(const std::string &path);
    void look();

    std::vector<std::string> m_paths;
    std::vector<Stamp> m_known, m_lastSeen;
    QTimer m_timer;
};

} // namespace keymux
