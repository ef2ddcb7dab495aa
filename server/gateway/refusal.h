// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/virtualkeyroom.h"
#include "http/httpexchange.h"

#include <optional>
#include <string>

namespace keymux {

/// An error a client gets: the rows of the client API's error table.
struct Refusal {
    int status = 500;
    std::string code;
    std::string message;
    std::string param;
    std::string type;                 ///< empty: the usual one for the status
    std::optional<Millis> retryAfter; ///< sent rounded up to the second
    std::string allow;                ///< for 405
    bool hopeless = false;            ///< waiting does not help, whatever the status usually says

    /// `server_error`, `rate_limit_error` or `invalid_request_error`.
    std::string errorType() const;
    std::string body() const;
    /// `content-type`, `retry-after`, `x-should-retry: false` where trying again soon is hopeless, `allow`; appended to
    /// what the caller adds.
    void addHeaders(HeaderList &headers) const;
};

Refusal invalidKey();
Refusal modelNotFound(std::string_view model);
Refusal modelNotAllowed(std::string_view model);
Refusal poolExhausted(std::string_view model, Millis wait);
Refusal noDeployment(std::string_view model);
Refusal requestTooLarge(std::string_view model);
/// The virtual key's own limit or budget.
Refusal keyLimitReached(const KeyLimitReached &reached, const VirtualKeyLimits &limits, std::int64_t tokens);
/// The key was revoked or blocked while its request ran.
Refusal keyWithdrawn();
Refusal upstreamFailed(std::string_view detail);
Refusal upstreamTimedOut();
Refusal overloaded(std::string_view what);

} // namespace keymux
