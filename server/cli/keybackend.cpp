// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/keybackend.h"

#include "cli/adminclient.h"
#include "store/credentials.h"
#include "store/statelock.h"
#include "store/virtualkeyjson.h"

#include <QUrl>
#include <algorithm>

namespace keymux {

namespace {

using Json = KeyBackend::Json;

Error usageError(const std::vector<FieldProblem> &problems)
{
    std::string message;
    for (const FieldProblem &problem : problems)
        message += (message.empty() ? "" : "; ") + (problem.path.empty() ? "" : problem.path + ": ") + problem.message;
    return {"usage", message};
}

class StateKeys : public KeyBackend {
public:
    StateKeys(std::unique_ptr<VirtualKeyStore> store, TimePoint now) : m_store(std::move(store)), m_now(now) {}

    Result<Json> mint(const Json &fields) override
    {
        VirtualKey draft;
        draft.name = "key";
        if (const auto problems = readVirtualKeyFields(fields, draft, m_now); !problems.empty())
            return tl::unexpected(usageError(problems));
        return withText(mintVirtualKey(*m_store, mintOptionsFrom(draft), m_now));
    }

    Result<Json> list() override
    {
        const auto keys = m_store->all();
        if (!keys)
            return tl::unexpected(keys.error());
        if (auto loaded = loadUsage(); !loaded)
            return tl::unexpected(loaded.error());
        Json items = Json::array();
        for (const VirtualKey &key : *keys)
            items.push_back(virtualKeyJson(key, m_room.usage(key, m_now), m_now));
        return items;
    }

    Result<Json> show(const std::string &name) override { return shown(m_store->find(name)); }

    Result<Json> update(const std::string &name, const Json &fields) override
    {
        return shown(m_store->change(name, [&](VirtualKey &key) -> Result<void> {
            const auto problems = readVirtualKeyFields(fields, key, m_now);
            return problems.empty() ? Result<void>() : tl::unexpected(usageError(problems));
        }));
    }

    Result<Json> rotate(const std::string &name, Millis grace) override
    {
        return withText(rotateVirtualKey(*m_store, name, grace, m_now));
    }

    Result<Json> revoke(const std::string &name) override
    {
        auto key = m_store->find(name);
        if (!key)
            return tl::unexpected(key.error());
        if (auto revoked = m_store->revoke(key->id, m_now); !revoked)
            return tl::unexpected(revoked.error());
        return shown(m_store->find(key->id));
    }

private:
    Result<void> loadUsage()
    {
        const auto usage = m_store->usage();
        if (!usage)
            return tl::unexpected(usage.error());
        m_room.restore(*usage);
        return {};
    }
    Result<Json> shown(const Result<VirtualKey> &key)
    {
        if (!key)
            return tl::unexpected(key.error());
        if (auto loaded = loadUsage(); !loaded)
            return tl::unexpected(loaded.error());
        return virtualKeyJson(*key, m_room.usage(*key, m_now), m_now);
    }
    Result<Json> withText(const Result<MintedKey> &minted)
    {
        if (!minted)
            return tl::unexpected(minted.error());
        auto json = shown(minted->key);
        if (json)
            (*json)["key"] = minted->clear;
        return json;
    }

    std::unique_ptr<VirtualKeyStore> m_store;
    VirtualKeyRoom m_room;
    TimePoint m_now;
};

class ServerKeys : public KeyBackend {
public:
    explicit ServerKeys(AdminClient client) : m_client(std::move(client)) {}

    Result<Json> mint(const Json &fields) override { return ask("POST", "", fields.dump()); }

    Result<Json> list() override
    {
        Json items = Json::array();
        std::string cursor;
        do {
            auto page = ask("GET", "?revoked=true&limit=1000" + (cursor.empty() ? "" : "&cursor=" + encoded(cursor)));
            if (!page)
                return page;
            if (!page->contains("items") || !page->contains("next"))
                return notKeymux();
            for (const Json &item : (*page)["items"])
                items.push_back(item);
            cursor = (*page)["next"].is_string() ? (*page)["next"].get<std::string>() : std::string();
        } while (!cursor.empty());
        std::reverse(items.begin(), items.end());
        return items;
    }

    Result<Json> show(const std::string &key) override { return ask("GET", '/' + encoded(key)); }
    Result<Json> update(const std::string &key, const Json &fields) override
    {
        return ask("PATCH", '/' + encoded(key), fields.dump());
    }
    Result<Json> rotate(const std::string &key, Millis grace) override
    {
        return ask("POST", '/' + encoded(key) + "/rotate", Json{{"grace_s", grace.count() / 1000}}.dump());
    }
    Result<Json> revoke(const std::string &key) override
    {
        if (auto done = ask("DELETE", '/' + encoded(key)); !done)
            return done;
        return show(key);
    }

private:
    static std::string encoded(const std::string &text)
    {
        return QUrl::toPercentEncoding(QString::fromStdString(text)).toStdString();
    }
    tl::unexpected<Error> notKeymux() const
    {
        return failure("unexpected", "the server at " + m_client.url() + " is not a keymuxd admin listener");
    }

    Result<Json> ask(const std::string &method, const std::string &tail, const std::string &body = {})
    {
        const auto answer = m_client.request(method, "/admin/v1/virtual-keys" + tail, body);
        if (!answer)
            return tl::unexpected(answer.error());
        if (answer->status == 204)
            return Json::object();
        Json json = Json::parse(answer->body, nullptr, false);
        if (!json.is_object())
            return notKeymux();
        if (answer->status >= 200 && answer->status < 300)
            return json;
        const Json::json_pointer message("/error/message");
        if (!json.contains(message) || !json[message].is_string())
            return notKeymux();
        return failure(answer->status == 422 ? "usage" : "refused", json[message].get<std::string>());
    }

    AdminClient m_client;
};

} // namespace

Result<std::unique_ptr<KeyBackend>> KeyBackend::onState(const std::string &state, bool create, TimePoint now)
{
    const auto stateDir = create ? openStateDir(state) : findStateDir(state);
    if (!stateDir)
        return tl::unexpected(stateDir.error());
    auto store = VirtualKeyStore::open(*stateDir);
    if (!store)
        return tl::unexpected(store.error());
    return std::make_unique<StateKeys>(std::move(*store), now);
}

Result<std::unique_ptr<KeyBackend>> KeyBackend::onServer(const std::string &state, const std::string &url,
                                                         const std::string &tokenFile)
{
    // A server elsewhere needs no state here, as long as the token's file is named.
    const auto stateDir = findStateDir(state);
    if (!stateDir && tokenFile.empty())
        return tl::unexpected(stateDir.error());
    auto client = AdminClient::open(stateDir.value_or(std::string()), url, tokenFile);
    if (!client)
        return tl::unexpected(client.error());
    return std::make_unique<ServerKeys>(std::move(*client));
}

} // namespace keymux
