// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/keycommands.h"

#include "cli/table.h"
#include "log/log.h"
#include "store/credentials.h"
#include "store/statelock.h"

#include <QDateTime>
#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

int failed(std::ostream &err, const Error &error)
{
    err << "keymuxd: " << error.message << '\n';
    return 1;
}

Result<std::unique_ptr<VirtualKeyStore>>
openStore(const KeyCommandOptions &options, Result<std::string> (&stateDirOf)(const std::string &) = findStateDir)
{
    const auto stateDir = stateDirOf(options.state);
    if (!stateDir)
        return tl::unexpected(stateDir.error());
    return VirtualKeyStore::open(*stateDir);
}

std::string statusText(const VirtualKey &key, TimePoint now)
{
    return std::string(statusName(statusOf(key, now)));
}

Json timeOrNull(const std::optional<TimePoint> &t)
{
    return t ? Json(rfc3339(*t)) : Json(nullptr);
}

Json toJson(const VirtualKey &key, TimePoint now)
{
    return {{"id", key.id},
            {"name", key.name},
            {"hint", key.hint},
            {"status", statusText(key, now)},
            {"models", key.models},
            {"expose_route", key.exposeRoute},
            {"created_at", rfc3339(key.createdAt)},
            {"expires_at", timeOrNull(key.expiresAt)},
            {"revoked_at", timeOrNull(key.revokedAt)}};
}

std::string dumped(const Json &json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string joined(const std::vector<std::string> &models)
{
    std::string text;
    for (const std::string &model : models)
        text += (text.empty() ? "" : ", ") + model;
    return text.empty() ? "all" : text;
}

} // namespace

std::optional<TimePoint> parseExpiry(const std::string &text, TimePoint now)
{
    std::int64_t count = 0;
    const char *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error == std::errc{} && rest + 1 == end && count > 0 && count < 100000) {
        switch (*rest) {
        case 'm':
            return now + std::chrono::minutes(count);
        case 'h':
            return now + std::chrono::hours(count);
        case 'd':
            return now + std::chrono::days(count);
        case 'w':
            return now + std::chrono::weeks(count);
        default:
            return std::nullopt;
        }
    }
    const QDateTime moment = QDateTime::fromString(QString::fromStdString(text), Qt::ISODateWithMs);
    if (!moment.isValid() || moment.timeSpec() == Qt::LocalTime)
        return std::nullopt;
    return TimePoint(Millis(moment.toMSecsSinceEpoch()));
}

int mintKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    MintOptions mint{.name = options.name, .models = options.models, .exposeRoute = options.exposeRoute};
    if (!options.expires.empty()) {
        mint.expiresAt = parseExpiry(options.expires, now);
        if (!mint.expiresAt) {
            err << "keymuxd: --expires takes a moment such as 2027-01-31T12:00:00Z or a time from now such as 12h, 30d "
                   "or 4w\n";
            return 2;
        }
    }
    auto store = openStore(options, openStateDir);
    if (!store)
        return failed(err, store.error());
    auto minted = mintVirtualKey(**store, mint, now);
    if (!minted)
        return failed(err, minted.error());
    if (options.json) {
        Json json = toJson(minted->key, now);
        json["key"] = minted->clear;
        out << dumped(json) << '\n';
    } else {
        out << minted->clear << '\n';
        err << "minted " << minted->key.id << " (" << minted->key.name << "); this is the only time the key is shown\n";
    }
    out.flush();
    return 0;
}

int listKeys(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    auto store = openStore(options);
    if (!store)
        return failed(err, store.error());
    const auto keys = (*store)->all();
    if (!keys)
        return failed(err, keys.error());
    if (options.json) {
        Json items = Json::array();
        for (const VirtualKey &key : *keys)
            items.push_back(toJson(key, now));
        out << dumped(items) << '\n';
        return 0;
    }
    std::vector<std::vector<std::string>> rows{{"ID", "NAME", "KEY", "STATUS", "MODELS", "CREATED", "EXPIRES"}};
    for (const VirtualKey &key : *keys)
        rows.push_back({key.id, key.name, "…" + key.hint, statusText(key, now), joined(key.models),
                        rfc3339(key.createdAt), key.expiresAt ? rfc3339(*key.expiresAt) : "never"});
    printTable(out, rows);
    return 0;
}

int showKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    auto store = openStore(options);
    if (!store)
        return failed(err, store.error());
    const auto key = (*store)->find(options.name);
    if (!key)
        return failed(err, key.error());
    if (options.json) {
        out << dumped(toJson(*key, now)) << '\n';
        return 0;
    }
    printTable(out, {{"id", key->id},
                     {"name", key->name},
                     {"key", "…" + key->hint},
                     {"status", statusText(*key, now)},
                     {"models", joined(key->models)},
                     {"expose_route", key->exposeRoute ? "yes" : "no"},
                     {"created", rfc3339(key->createdAt)},
                     {"expires", key->expiresAt ? rfc3339(*key->expiresAt) : "never"},
                     {"revoked", key->revokedAt ? rfc3339(*key->revokedAt) : "no"}});
    return 0;
}

int revokeKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    auto store = openStore(options);
    if (!store)
        return failed(err, store.error());
    const auto key = (*store)->find(options.name);
    if (!key)
        return failed(err, key.error());
    if (auto revoked = (*store)->revoke(key->id, now); !revoked)
        return failed(err, revoked.error());
    out << "revoked " << key->id << " (" << key->name << ")\n";
    return 0;
}

} // namespace keymux
