// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <functional>
#include <string>

namespace keymux {

/// Asks the admin API of a running server, one blocking request at a time, ten seconds at most.
class AdminClient {
public:
    /// The server named by `url`, or, when that is empty, the one STATE/server.json tells of; the token from
    /// `tokenFile`, or, when that is empty, from STATE/admin-token.
    static Result<AdminClient> open(const std::string &stateDir, const std::string &url, const std::string &tokenFile);

    struct Answer {
        long status = 0;
        std::string body;
    };
    /// `path` is already encoded. Errors: `unreachable`, and `unauthorized` when the token is refused.
    Result<Answer> request(const std::string &method, const std::string &path, const std::string &body = {}) const;
    /// Asked about once a second while a request runs: false ends it as `unreachable`.
    std::function<bool()> keepWaiting;
    const std::string &url() const { return m_url; }

private:
    std::string m_url, m_token;
    std::string m_pin; ///< the public key the server must show, as STATE/server.json tells; empty: as the system trusts
};

} // namespace keymux
