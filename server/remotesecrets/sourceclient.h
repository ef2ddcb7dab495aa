// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "remotesecrets/sourcehttp.h"
#include "remotesecrets/sourcepatience.h"

#include <nlohmann/json_fwd.hpp>

namespace keymux {

/// Calls to one source, with what is common to all of them: answers that mean "not now" become `secret_unreachable`,
/// and the source is left alone for a while. Thread-safe.
class SourceClient {
public:
    /// `title`: how messages call it. `refresh` bounds how long a source that is down is left alone.
    SourceClient(std::string title, const std::string &caFile, Millis refresh, Now now);

    /// An answer below 300, or one of 4xx that says something about the request.
    Result<SourceAnswer> send(const SourceRequest &request);
    void stop() { m_http.stop(); }

    const std::string &title() const { return m_title; }
    TimePoint now() const { return m_now(); }

private:
    const std::string m_title;
    const Now m_now;
    SourceHttp m_http;
    SourcePatience m_patience;
};

/// The body as JSON; discarded when it is none. Its texts are wiped by wipeJson().
nlohmann::json jsonOf(const SourceAnswer &answer);
void wipeJson(nlohmann::json &json);
/// JSON as a body, leaving no copy of its texts behind.
Secret bodyOf(nlohmann::json json);
/// What the server says is wrong, in its own words, as they may stand in a message: bounded, on one line, and without
/// `used`, the credential that it was sent.
std::string textOf(const SourceAnswer &answer, std::string_view used = {});

} // namespace keymux
