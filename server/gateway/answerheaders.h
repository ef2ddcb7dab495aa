// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/virtualkeyroom.h"
#include "gateway/attempt.h"
#include "http/httpexchange.h"

#include <string>

namespace keymux {

/// `x-ratelimit-…` of the virtual key's own limits in OpenAI's form; nothing where it has none.
void addLimitHeaders(HeaderList &headers, const KeyFigures &figures);
/// A duration as OpenAI's reset headers write one (Go's notation): `6m0s`, `1.5s`, `20ms`.
std::string goDuration(Millis duration);

/// The headers a client gets with a provider's answer: what it is, and which model served it in which attempt. Nothing
/// of the provider's own headers, which tell of its account. `attempt` is null while only heartbeats go out.
HeaderList answerHeaders(HeaderList common, const std::string &contentType, bool stream, const Attempt *attempt,
                         int attempts, const VirtualKey &virtualKey);

} // namespace keymux
