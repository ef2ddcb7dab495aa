// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/answerheaders.h"

namespace keymux {

HeaderList answerHeaders(HeaderList common, const std::string &contentType, bool stream, const Attempt *attempt,
                         int attempts, const VirtualKey &virtualKey)
{
    HeaderList headers = std::move(common);
    headers.emplace_back("content-type", contentType.empty() ? "application/json" : contentType);
    if (stream) {
        headers.emplace_back("cache-control", "no-cache");
        headers.emplace_back("x-accel-buffering", "no"); // proxies in front must not hold events back
    }
    if (!attempt)
        return headers;
    headers.emplace_back("x-keymux-model", attempt->deployment().model);
    headers.emplace_back("x-keymux-attempts", std::to_string(attempts));
    if (virtualKey.exposeRoute)
        headers.emplace_back("x-keymux-key", attempt->keyId());
    std::string dropped;
    for (const std::string &field : attempt->droppedFields())
        dropped.append(dropped.empty() ? "" : ", ").append(field);
    if (!dropped.empty())
        headers.emplace_back("x-keymux-dropped", dropped);
    return headers;
}

} // namespace keymux
