// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "remotesecrets/infisicalsource.h"
#include "remotesecrets/vaultsource.h"
#include "support/infisicalserver.h"
#include "support/show.h"
#include "support/vaultserver.h"

#include <QtTest>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace keymux::testing {

/// Credentials by reference, as a machine would have them.
class Credentials {
public:
    void set(const std::string &reference, const std::string &value)
    {
        const std::lock_guard lock(m_mutex);
        m_values[reference] = value;
    }
    CredentialLookup lookup()
    {
        return [this](const std::string &reference) -> Result<Secret> {
            const std::lock_guard lock(m_mutex);
            const auto found = m_values.find(reference);
            if (found == m_values.end())
                return failure("secret_missing", reference + " is not set");
            return Secret(std::string(found->second));
        };
    }

private:
    std::mutex m_mutex;
    std::map<std::string, std::string> m_values;
};

/// The server's clock for the source as well, so that nothing hangs on how fast a test runs.
inline Now clockOf(const SourceServer &server)
{
    return [&server] { return TimePoint(Millis(1000000000) + server.now()); };
}

inline std::string shown(const Result<Secret> &secret)
{
    return secret ? std::string(secret->reveal()) : secret.error().code + ": " + secret.error().message;
}

inline std::string shown(const Result<std::vector<std::string>> &names)
{
    if (!names)
        return names.error().code + ": " + names.error().message;
    std::string text;
    for (const std::string &name : *names)
        text += (text.empty() ? "" : " ") + name;
    return text;
}

inline bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

/// The same from many threads at once; how many read `expected`.
inline int readByAll(SecretSource &source, const std::string &name, const std::string &field,
                     const std::string &expected, int threads)
{
    std::atomic<int> good = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&] { good += shown(source.read(name, field)) == expected ? 1 : 0; });
    for (std::thread &thread : all)
        thread.join();
    return good;
}

} // namespace keymux::testing
