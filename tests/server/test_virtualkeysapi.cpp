// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/virtualkeysapi.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QElapsedTimer>

using namespace keymux;
using namespace keymux::testing;
using TestJson = nlohmann::ordered_json;

namespace {

constexpr TimePoint now{Millis(1700000000000)};

std::string at(const JsonReply &reply, const std::string &pointer)
{
    return jsonAt(reply.body.dump(), pointer);
}

} // namespace

/// `/admin/v1/virtual-keys` on a real store.
class VirtualKeysApiTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<VirtualKeyStore> m_store;
    SharedKeys m_keys;
    int m_changes = 0;
    std::unique_ptr<VirtualKeysApi> m_api;

    JsonReply call(const char *method, const std::string &tail, const std::string &body = {},
                   const std::string &query = {}, TimePoint t = now)
    {
        return m_api->handle(method, tail, query, body, t);
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<TemporaryFolder>();
        m_store = std::move(*VirtualKeyStore::open(m_folder->path().string()));
        m_keys.with([](VirtualKeyRoom &room) { room = VirtualKeyRoom(); });
        m_changes = 0;
        m_api = std::make_unique<VirtualKeysApi>(*m_store, m_keys, [this] { ++m_changes; });
    }
    void cleanup()
    {
        m_api.reset();
        m_store.reset();
    }

    void aKeyIsMadeWithAllItsFieldsAndShownOnce()
    {
        const JsonReply made = call("POST", "", R"({"name": "team a", "models": ["gpt-4*"], "rpm_limit": 10,
            "tpm_limit": 20000, "max_parallel": 3, "budget": {"amount": 2.5, "unit": "usd", "period": "month"},
            "expires_at": "2027-01-31T12:00:00Z", "metadata": {"b": 1, "a": "x"}, "expose_route": true})");
        QCOMPARE(made.status, 201);
        QCOMPARE(m_changes, 1);
        const std::string clear = at(made, "/key"), id = at(made, "/id");
        QVERIFY(clear.starts_with("sk-") && id.starts_with("vk_"));
        QVERIFY(VirtualKeyTable(*m_store->all()).find(clear, now));
        const JsonReply shown = call("GET", '/' + id);
        QCOMPARE(shown.status, 200);
        QVERIFY(shown.body.dump().find(clear) == std::string::npos);
        QCOMPARE(at(shown, "/key"), std::string("(absent)"));
        QCOMPARE(at(shown, "/name"), std::string("team a"));
        QCOMPARE(at(shown, "/models"), std::string(R"(["gpt-4*"])"));
        QCOMPARE(at(shown, "/rpm_limit"), std::string("10"));
        QCOMPARE(at(shown, "/tpm_limit"), std::string("20000"));
        QCOMPARE(at(shown, "/max_parallel"), std::string("3"));
        QCOMPARE(at(shown, "/budget"), std::string(R"({"amount":2.5,"unit":"usd","period":"month"})"));
        QCOMPARE(at(shown, "/metadata"), std::string(R"({"b":1,"a":"x"})"));
        QCOMPARE(at(shown, "/expires_at"), std::string("2027-01-31T12:00:00.000Z"));
        QCOMPARE(at(shown, "/expose_route"), std::string("true"));
        QCOMPARE(at(shown, "/blocked"), std::string("false"));
        QCOMPARE(at(shown, "/last_used_at"), std::string("null"));
        QCOMPARE(at(shown, "/spend/requests"), std::string("0"));
        QCOMPARE(at(shown, "/spend/resets_at"), std::string("2023-12-01T00:00:00.000Z"));
    }

    void anEmptyBodyMakesAKeyWithoutLimits()
    {
        const JsonReply made = call("POST", "");
        QCOMPARE(made.status, 201);
        QCOMPARE(at(made, "/rpm_limit"), std::string("null"));
        QCOMPARE(at(made, "/budget"), std::string("null"));
        QCOMPARE(at(made, "/models"), std::string("[]"));
    }

    void whatIsWrongIsNamed_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("path");
        const auto row = [](const char *body, int status, const char *path) {
            QTest::newRow(body) << QByteArray(body) << status << QByteArray(path);
        };
        row("{", 400, "");
        row("[]", 400, "");
        row(R"({"rpm_limit": 0})", 422, "rpm_limit");
        row(R"({"rpm_limit": -5})", 422, "rpm_limit");
        row(R"({"rpm_limit": 1.5})", 422, "rpm_limit");
        row(R"({"tpm_limit": "10"})", 422, "tpm_limit");
        row(R"({"max_parallel": true})", 422, "max_parallel");
        row(R"({"tpm_limit": 1e300})", 422, "tpm_limit");
        row(R"({"name": ""})", 422, "name");
        row(R"({"name": "a\nb"})", 422, "name");
        row(R"({"models": "gpt-4"})", 422, "models");
        row(R"({"models": [1]})", 422, "models");
        row(R"({"budget": 5})", 422, "budget");
        row(R"({"budget": {"amount": -1, "unit": "tokens", "period": "day"}})", 422, "budget.amount");
        row(R"({"budget": {"amount": 1, "unit": "eur", "period": "day"}})", 422, "budget.unit");
        row(R"({"budget": {"amount": 1, "period": "month"}})", 422, "budget.unit");
        row(R"({"budget": {"amount": 1, "unit": "tokens", "period": "year"}})", 422, "budget.period");
        row(R"({"budget": {"amount": 1, "unit": "tokens", "perod": "day"}})", 422, "budget.perod");
        row(R"({"expires_at": "tomorrow"})", 422, "expires_at");
        row(R"({"expires_at": "2027-01-31T12:00:00"})", 422, "expires_at");
        row(R"({"metadata": []})", 422, "metadata");
        row(R"({"expose_route": 1})", 422, "expose_route");
        row(R"({"rmp_limit": 1})", 422, "rmp_limit");
    }

    void whatIsWrongIsNamed()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        QFETCH(QByteArray, path);
        const JsonReply reply = call("POST", "", body.toStdString());
        QCOMPARE(reply.status, status);
        QVERIFY(!at(reply, "/error/message").empty());
        if (status == 422)
            QCOMPARE(at(reply, "/problems/0/path"), path.toStdString());
        QVERIFY(m_store->all()->empty());
        QCOMPARE(m_changes, 0);
    }

    void allProblemsAreToldTogether()
    {
        const JsonReply reply = call("POST", "", R"({"rmp_limit": 1, "name": 5, "metadata": 1})");
        QCOMPARE(reply.body["problems"].size(), std::size_t(3));
        QVERIFY(at(reply, "/problems/0/message").find("did you mean `rpm_limit`") != std::string::npos);
    }

    void metadataIsBounded()
    {
        const std::string large = TestJson{{"metadata", {{"a", std::string(20000, 'x')}}}}.dump();
        QCOMPARE(call("POST", "", large).status, 422);
    }

    void aPatchChangesWhatItNamesAndNothingElse()
    {
        const std::string id = at(call("POST", "", R"({"name": "a", "rpm_limit": 5, "tpm_limit": 7})"), "/id");
        const JsonReply patched = call("PATCH", '/' + id, R"({"rpm_limit": null, "blocked": true})");
        QCOMPARE(patched.status, 200);
        QCOMPARE(at(patched, "/rpm_limit"), std::string("null"));
        QCOMPARE(at(patched, "/tpm_limit"), std::string("7"));
        QCOMPARE(at(patched, "/status"), std::string("blocked"));
        QCOMPARE(call("PATCH", '/' + id, R"({"tpm_limit": 9, "name": 1})").status, 422);
        QCOMPARE(at(call("GET", '/' + id), "/tpm_limit"), std::string("7")); // all or nothing
    }

    void aDeletedKeyIsRevokedForGood()
    {
        const JsonReply made = call("POST", "", R"({"name": "a"})");
        const std::string id = at(made, "/id");
        const JsonReply gone = call("DELETE", '/' + id);
        QCOMPARE(gone.status, 204);
        QVERIFY(gone.body.is_null());
        QVERIFY(!VirtualKeyTable(*m_store->all()).find(at(made, "/key"), now));
        QCOMPARE(call("GET", "").body["items"].size(), std::size_t(0));
        QCOMPARE(call("GET", "", "", "revoked=true").body["items"].size(), std::size_t(1));
        QCOMPARE(call("PATCH", '/' + id, R"({"blocked": false})").status, 409);
        QCOMPARE(call("POST", '/' + id + "/rotate").status, 409);
    }

    void aRotatedKeyHasAnotherTextAndTheOldOneItsGrace()
    {
        const JsonReply made = call("POST", "", R"({"name": "a", "rpm_limit": 5})");
        const std::string id = at(made, "/id");
        const JsonReply rotated = call("POST", '/' + id + "/rotate", R"({"grace_s": 60})");
        QCOMPARE(rotated.status, 200);
        QVERIFY(at(rotated, "/key") != at(made, "/key"));
        QCOMPARE(at(rotated, "/id"), id);
        QCOMPARE(at(rotated, "/rpm_limit"), std::string("5"));
        const VirtualKeyTable table(*m_store->all());
        QVERIFY(table.find(at(rotated, "/key"), now));
        QVERIFY(table.find(at(made, "/key"), now + Millis(59999)));
        QVERIFY(!table.find(at(made, "/key"), now + Millis(60000)));
        for (const char *bad : {R"({"grace_s": -1})", R"({"grace_s": "1h"})", R"({"grace": 1})"})
            QCOMPARE(call("POST", '/' + id + "/rotate", bad).status, 422);
    }

    void unknownKeysAndMethodsAreRefused()
    {
        for (const char *method : {"GET", "PATCH", "DELETE"})
            QCOMPARE(call(method, "/vk_nobody").status, 404);
        QCOMPARE(call("POST", "/vk_nobody/rotate").status, 404);
        QCOMPARE(call("PUT", "/vk_nobody").status, 405);
        QCOMPARE(call("PUT", "").status, 405);
        QCOMPARE(call("GET", "", "", "limit=0").status, 400);
        QCOMPARE(call("GET", "", "", "limit=many").status, 400);
        QCOMPARE(call("GET", "", "", "cursor=nonsense").status, 400);
    }

    void pagesHoldEachKeyOnceNewestFirst()
    {
        std::vector<std::string> made;
        for (int i = 0; i < 25; ++i) // three of them in each millisecond
            made.push_back(at(call("POST", "", {}, {}, now + Millis(i / 3)), "/id"));
        std::vector<std::string> seen;
        std::string cursor;
        do {
            const JsonReply page = call("GET", "", "", "limit=4" + (cursor.empty() ? "" : "&cursor=" + cursor));
            QCOMPARE(page.status, 200);
            for (const auto &item : page.body["items"])
                seen.push_back(item["id"]);
            cursor = page.body["next"].is_null() ? "" : page.body["next"].get<std::string>();
            if (seen.size() == 4)
                call("POST", "", {}, {}, now + Millis(1000)); // a newer one does not shift the pages
        } while (!cursor.empty());
        QCOMPARE(seen.size(), made.size());
        QVERIFY(std::find(made.begin() + 22, made.end(), seen[0]) != made.end());
        std::sort(seen.begin(), seen.end());
        std::sort(made.begin(), made.end());
        QCOMPARE(seen, made);
    }

    void useIsToldAsItIs()
    {
        const std::string id =
            at(call("POST", "", R"({"budget": {"amount": 10, "unit": "requests", "period": "day"}})"), "/id");
        const VirtualKey key = *m_store->find(id);
        m_keys.with([&](VirtualKeyRoom &room) {
            auto admitted = room.acquire(key, {}, now);
            room.settle(std::move(admitted->lease), {.spend = {1, 12, 0.5}, .sent = true}, now);
        });
        const JsonReply shown = call("GET", '/' + id);
        QCOMPARE(at(shown, "/spend/requests"), std::string("1"));
        QCOMPARE(at(shown, "/spend/tokens"), std::string("12"));
        QCOMPARE(at(shown, "/spend/cost_usd"), std::string("0.5"));
        QCOMPARE(at(shown, "/last_used_at"), std::string("2023-11-14T22:13:20.000Z"));
        const JsonReply tomorrow = call("GET", '/' + id, {}, {}, now + std::chrono::hours(24));
        QCOMPARE(at(tomorrow, "/spend/requests"), std::string("0"));
        QCOMPARE(at(tomorrow, "/spend/total/requests"), std::string("1"));
    }

    void pagesOfTenThousandKeysAreQuick()
    {
        QVERIFY(m_store->database()->inTransaction("fill", [&]() -> Result<void> {
            for (int i = 0; i < 10000; ++i) {
                VirtualKey key;
                key.id = "vk_" + std::to_string(i);
                key.name = "key";
                key.digest = digestOf(key.id);
                key.createdAt = now + Millis(i);
                if (auto done = m_store->insert(key); !done)
                    return done;
            }
            return {};
        }));
        QElapsedTimer timer;
        timer.start();
        const JsonReply first = call("GET", "");
        qInfo("a page of 10,000 keys takes %d us", int(timer.nsecsElapsed() / 1000));
        QCOMPARE(first.body["items"].size(), std::size_t(100));
        QCOMPARE(at(first, "/items/0/id"), std::string("vk_9999"));
        timer.restart();
        QVERIFY(m_store->all().has_value());
        qInfo("all 10,000 take %d us", int(timer.nsecsElapsed() / 1000));
    }
};

QTEST_GUILESS_MAIN(VirtualKeysApiTest)
#include "test_virtualkeysapi.moc"
