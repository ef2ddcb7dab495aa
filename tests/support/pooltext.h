// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/daemon.h"
#include "support/scriptedupstream.h"

namespace keymux::testing {

/// A key of a test's pool. Its secret is `secret-of-ID`, given to the daemon in the environment.
struct PoolKey {
    std::string id;
    std::string fields = {}; ///< more members, `"rpm_limit": 15`
    bool hasSecret = true;
};

/// A pool config as a test wants it, with one provider named `gemini`.
struct PoolText {
    std::string baseUrl;
    std::vector<PoolKey> keys;
    std::string models = R"([{"model": "gemini-2.0-flash"}])";
    std::string provider = {}; ///< more members of the provider
    std::string routing = {};  ///< members of `routing`
    std::string server = {};   ///< members of `server`

    std::string text() const;
    std::vector<std::pair<std::string, std::string>> environment() const;
    DaemonOptions options() const;
};

/// `count` keys `key-1`, `key-2`, … with the same fields.
std::vector<PoolKey> poolKeys(int count, const std::string &fields = {});
/// The text with the first `@NAME@` filled in.
std::string filled(std::string text, const std::string &name, const std::string &value);
std::string secretOf(const std::string &keyId);
/// The upstream's ledger as `KEY_ID/model status`.
std::vector<std::string> walkOf(const ScriptedUpstream &upstream);

} // namespace keymux::testing
