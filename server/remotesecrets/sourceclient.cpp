// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourceclient.h"

#include "core/utf8.h"
#include "dialects/errorbody.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

constexpr std::size_t maxTextBytes = 300;

/// What a status means to whoever looks after the source; empty when it says something about the request.
/// Vault's own: developer.hashicorp.com/vault/api-docs, "HTTP status codes" and /sys/health.
std::string_view notNow(int status)
{
    switch (status) {
    case 412:
        return "does not have the newest state yet";
    case 429:
        return "asks for fewer calls";
    case 472:
        return "is a disaster recovery secondary, which serves no secrets; name the primary in `url`";
    case 473:
        return "is a performance standby that cannot serve this; name the active node in `url`";
    case 501:
        return "is not initialized";
    case 503:
        return "is not in service (sealed, or in maintenance)";
    default:
        break;
    }
    if (status >= 300 && status < 400)
        return "answers with a redirect, which is not followed with credentials; write its final address in `url`";
    return status >= 500 || status < 200 ? "has trouble" : "";
}

} // namespace

SourceClient::SourceClient(std::string title, const std::string &caFile, Millis refresh, Now now)
    : m_title(std::move(title)), m_now(now), m_http(caFile),
      m_patience(std::move(now), std::clamp(refresh, Millis(1000), Millis(30000)))
{
}

Result<SourceAnswer> SourceClient::send(const SourceRequest &request)
{
    if (auto error = m_patience.inForce())
        return tl::unexpected(std::move(*error));
    auto answer = m_http.send(request);
    if (!answer) {
        answer.error().message.insert(0, m_title + ": ");
        m_patience.failed(answer.error(), {});
        return answer;
    }
    const std::string_view trouble = notNow(answer->status);
    if (trouble.empty()) {
        m_patience.worked();
        return answer;
    }
    Error error{"secret_unreachable", m_title + ' '};
    error.message.append(trouble).append(" (status ").append(std::to_string(answer->status));
    const std::string text = textOf(*answer, request.credential ? request.credential->reveal() : std::string_view());
    error.message += text.empty() ? ")" : ": " + text + ')';
    m_patience.failed(error, answer->retryAfter);
    return tl::unexpected(std::move(error));
}

nlohmann::json jsonOf(const SourceAnswer &answer)
{
    return nlohmann::json::parse(answer.body.reveal(), nullptr, false);
}

void wipeJson(nlohmann::json &json)
{
    if (json.is_string()) {
        wipe(json.get_ref<std::string &>());
    } else if (json.is_structured()) {
        for (auto &item : json)
            wipeJson(item);
    }
}

Secret bodyOf(nlohmann::json json)
{
    Secret body(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    wipeJson(json);
    return body;
}

std::string textOf(const SourceAnswer &answer, std::string_view used)
{
    nlohmann::json json = jsonOf(answer);
    std::string text;
    if (json.is_object()) {
        if (json.contains("message") && json["message"].is_string())
            text = json["message"].get<std::string>();
        if (json.contains("errors") && json["errors"].is_array()) {
            for (const auto &error : json["errors"]) {
                if (error.is_string() && text.size() < maxTextBytes)
                    text += (text.empty() ? "" : "; ") + error.get<std::string>();
            }
        }
    }
    wipeJson(json);
    text = redacted(text, used);
    std::string shown;
    for (std::size_t at = 0; at < text.size() && shown.size() < maxTextBytes;) {
        const std::size_t length = utf8Length(std::string_view(text).substr(at));
        const auto byte = static_cast<unsigned char>(text[at]);
        if (length == 0)
            shown += '?';
        else if (length == 1 && (byte < 0x20 || byte == 0x7f))
            shown += shown.empty() || shown.back() == ' ' ? "" : " ";
        else
            shown.append(text, at, length);
        at += std::max<std::size_t>(length, 1);
    }
    while (shown.ends_with(' '))
        shown.pop_back();
    return shown;
}

} // namespace keymux
