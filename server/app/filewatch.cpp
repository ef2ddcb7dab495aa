// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/filewatch.h"

#include <algorithm>
#include <sys/stat.h>

namespace keymux {

FileWatch::FileWatch(QObject *parent) : QObject(parent)
{
    connect(&m_timer, &QTimer::timeout, this, &FileWatch::look);
    m_timer.setInterval(100);
}

bool FileWatch::watch(std::vector<std::string> paths)
{
    if (paths == m_paths)
        return false;
    m_paths = std::move(paths);
    m_known.clear();
    for (const std::string &path : m_paths)
        m_known.push_back(stampOf(path));
    m_lastSeen = m_known;
    if (m_paths.empty())
        m_timer.stop();
    else
        m_timer.start();
    return true;
}

void FileWatch::know(const std::string &path, const std::function<bool()> &isOurs)
{
    const auto it = std::find(m_paths.begin(), m_paths.end(), path);
    if (it == m_paths.end())
        return;
    const Stamp now = stampOf(path);
    if (isOurs())
        m_known[std::size_t(it - m_paths.begin())] = now;
}

FileWatch::Stamp FileWatch::stampOf(const std::string &path)
{
    struct stat s {};
    if (stat(path.c_str(), &s) != 0)
        return {};
    const auto nanos = [](const timespec &t) { return std::int64_t(t.tv_sec) * 1000000000 + t.tv_nsec; };
    return {std::uint64_t(s.st_dev), std::uint64_t(s.st_ino), std::int64_t(s.st_size), nanos(s.st_mtim),
            nanos(s.st_ctim)};
}

void FileWatch::look()
{
    std::vector<Stamp> seen;
    seen.reserve(m_paths.size());
    for (const std::string &path : m_paths)
        seen.push_back(stampOf(path));
    const bool settled = seen == m_lastSeen;
    m_lastSeen = seen;
    if (!settled || seen == m_known)
        return;
    m_known = std::move(seen);
    Q_EMIT changed();
}

} // namespace keymux
