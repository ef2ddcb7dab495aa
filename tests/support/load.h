// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/daemon.h"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace keymux::testing {

/// Clients that go on asking until they are told to stop; every answer that is not 200 is a failure.
class Load {
public:
    Load(const Daemon &daemon, int threads)
    {
        for (int i = 0; i < threads; ++i)
            m_threads.emplace_back([this, client = daemon.client()]() mutable {
                while (!m_stop) {
                    const HttpResponse answer =
                        client.post("/v1/chat/completions", chatBody("gpt-4", m_asked % 3 == 0));
                    ++m_asked;
                    if (answer.status == 200 && answer.complete)
                        continue;
                    const std::lock_guard lock(m_mutex);
                    m_failures.push_back(std::to_string(answer.status) + " " + answer.error + " " + answer.body);
                }
            });
    }
    ~Load() { stop(); }
    void stop()
    {
        m_stop = true;
        for (std::thread &thread : m_threads)
            if (thread.joinable())
                thread.join();
    }
    int asked() const { return m_asked; }
    std::vector<std::string> failures()
    {
        const std::lock_guard lock(m_mutex);
        return m_failures;
    }

private:
    std::atomic<bool> m_stop = false;
    std::atomic<int> m_asked = 0;
    std::mutex m_mutex;
    std::vector<std::string> m_failures;
    std::vector<std::thread> m_threads;
};

} // namespace keymux::testing
