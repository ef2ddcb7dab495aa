// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "clients.h"
#include "support/daemon.h"

namespace keymux::bench {

/// A program under measurement, with the processor time it has used.
class Gateway {
public:
    virtual ~Gateway() = default;
    virtual pid_t pid() const = 0;
    virtual Target plain() const = 0;
    virtual Target streaming() const = 0;
    /// User and system time so far, in microseconds.
    double cpuMicroseconds() const;
    /// A field of /proc/PID/status in MiB.
    double memoryMiB(const std::string &field) const;
};

/// nginx in front of the upstream: one process, kept connections, no log.
class Nginx : public Gateway {
public:
    Nginx(const std::string &program, std::uint16_t upstreamPort);
    ~Nginx() override;

    bool ready() const { return m_ready; }
    std::string log() const { return m_process->err(); }
    pid_t pid() const override { return m_process->pid(); }
    Target plain() const override { return {.port = m_port}; }
    Target streaming() const override { return {.port = m_port, .path = "/stream/v1/chat/completions"}; }

private:
    testing::TemporaryFolder m_folder;
    std::uint16_t m_port;
    std::unique_ptr<testing::Process> m_process;
    bool m_ready = false;
};

/// keymuxd with so many keys of one provider, its state fresh, everything else as it comes.
class Keymuxd : public Gateway {
public:
    Keymuxd(const std::string &program, std::uint16_t upstreamPort, int keys);

    bool ready() const { return m_port != 0; }
    std::string log() const { return m_process->err(); }
    /// From the start of the process to its ready line.
    double startMs() const { return m_startMs; }
    pid_t pid() const override { return m_process->pid(); }
    Target plain() const override { return {.port = m_port, .credential = m_virtualKey}; }
    Target streaming() const override { return plain(); }

private:
    testing::TemporaryFolder m_folder;
    std::unique_ptr<testing::Process> m_process;
    std::string m_virtualKey;
    std::uint16_t m_port = 0;
    double m_startMs = 0;
};

} // namespace keymux::bench
