// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/virtualkey.h"
#include "gateway/attempt.h"
#include "http/httpexchange.h"

#include <string>

namespace keymux {

/// The headers a client gets with a provider's answer: what it is, and which model served it in which attempt. Nothing
/// of the provider's own headers, which tell of its account. `attempt` is null while only heartbeats go out.
HeaderList answerHeaders(HeaderList common, const std::string &contentType, bool stream, const Attempt *attempt,
                         int attempts, const VirtualKey &virtualKey);

} // namespace keymux
