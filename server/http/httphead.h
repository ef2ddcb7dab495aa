// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "http/httpexchange.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// Why a request is refused before anyone handles it.
struct HttpProblem {
    int status = 400;
    std::string code = "invalid_request_error";
    std::string message;
    std::string allow = {}; ///< with 405: the methods there are
};

/// The head of a request: request line and headers, and what they say about the body.
struct HttpHead {
    HttpRequest request; ///< without body and peer
    std::int64_t contentLength = 0;
    bool chunked = false;
    bool keepAlive = true;
    bool expectsContinue = false;
};

/// Reads a head strictly (RFC 9112): what two parsers could read differently is refused. `block` ends with the empty
/// line. Errors: 400, 405, 415, 417, 431, 501, 505.
tl::expected<HttpHead, HttpProblem> readHttpHead(std::string_view block);

} // namespace keymux
