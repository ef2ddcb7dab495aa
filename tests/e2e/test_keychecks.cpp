// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "support/scriptedupstream.h"

#include <QtTest>
#include <algorithm>

using namespace keymux::testing;

/// `routing.validate`: a dead key is known before a client meets it.
class TestKeyChecks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDeadKeyRestsBeforeAClientNeedsIt()
    {
        ScriptedUpstream upstream;
        Behaviour refused;
        refused.status = 401;
        refused.body = R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})";
        upstream.on({.key = secretOf("key-1")}, refused);
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)};
        pool.routing = R"("validate": {"interval_s": 10})";
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QVERIFY2(daemon.waitForLog("key key-1 was checked: key refused", Ms(20000)), daemon.log().c_str());
        QVERIFY2(daemon.waitForLog("key key-2 was checked: its provider takes it", Ms(20000)), daemon.log().c_str());
        // Nothing that costs was asked.
        for (const UpstreamCall &call : upstream.ledger().calls())
            QVERIFY2(call.path.ends_with("/models"), call.path.c_str());
        const std::size_t before = upstream.ledger().calls().size();
        auto client = daemon.client();
        for (int i = 0; i < 4; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash")).status, 200);
        const auto calls = upstream.ledger().calls();
        for (std::size_t i = before; i < calls.size(); ++i)
            QVERIFY(!calls[i].path.ends_with("/chat/completions") || calls[i].key == secretOf("key-2"));
        QVERIFY(daemon.admin().get("/admin/v1/state").body.find("bad_key") != std::string::npos);
        QCOMPARE(daemon.log().find(secretOf("key-1")), std::string::npos);
        // Repaired at the provider, it is taken back by itself.
        upstream.clearRules();
        QVERIFY2(daemon.waitForLog("key key-1 was checked: its provider takes it", Ms(30000)), daemon.log().c_str());
        QVERIFY(daemon.admin().get("/admin/v1/state").body.find("bad_key") == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestKeyChecks)
#include "test_keychecks.moc"
