// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "support/scriptedupstream.h"

#include <QtTest>
#include <algorithm>
#include <fstream>

using namespace keymux::testing;

namespace {

struct Ran {
    int exit = -1;
    std::string out, err;
};

Ran bootstrap(const PoolText &pool)
{
    const TemporaryFolder folder;
    const std::string config = (folder.path() / "pool.json").string();
    std::ofstream(config) << pool.text();
    std::vector<std::string> environment{"HOME=" + folder.path().string()};
    for (const auto &[name, value] : pool.environment())
        environment.push_back(name + "=" + value);
    Process process(
        {daemonProgram(), "bootstrap", "--config", config, "--state", (folder.path() / "state").string(), "--probe"},
        environment);
    Ran ran;
    ran.exit = process.wait(Ms(60000)).value_or(-1);
    process.waitForEnd();
    ran.out = process.out();
    ran.err = process.err();
    return ran;
}

Behaviour refusal()
{
    Behaviour refused;
    refused.status = 401;
    refused.body = R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})";
    return refused;
}

} // namespace

/// `keymuxd bootstrap --probe` asks each provider once, and costs nothing.
class TestBootstrap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachKeyIsToldOf()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-7")}, refusal());
        Behaviour overloaded;
        overloaded.status = 503;
        overloaded.body = "{}";
        upstream.on({.key = secretOf("key-9")}, overloaded);
        const Ran ran = bootstrap({.baseUrl = upstream.baseUrl(), .keys = poolKeys(20)});
        QCOMPARE(ran.exit, 0);
        QVERIFY2(ran.out.starts_with("Virtual Key: sk-"), ran.out.c_str());
        QVERIFY2(ran.err.find("18 keys are taken by their providers, 1 are refused, of 1 nothing is known") !=
                     std::string::npos,
                 ran.err.c_str());
        QVERIFY2(ran.err.find("key key-7: its provider refuses it; replace it where it comes from") !=
                     std::string::npos,
                 ran.err.c_str());
        QVERIFY2(ran.err.find("key key-1: its provider takes it") != std::string::npos, ran.err.c_str());
        QVERIFY2(ran.err.find("key key-9: provider failure, which says nothing about the key") != std::string::npos,
                 ran.err.c_str());
        QVERIFY(ran.err.find("secret-of-") == std::string::npos);
        QVERIFY(ran.err.find('\033') == std::string::npos);
        for (const UpstreamCall &call : upstream.ledger().calls())
            QVERIFY2(call.method == "GET" && call.path.ends_with("/models"), call.path.c_str());
    }

    void keysThatAreAllRefusedAreAFailure()
    {
        ScriptedUpstream upstream;
        upstream.on({}, refusal());
        const Ran ran = bootstrap({.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)});
        QCOMPARE(ran.exit, 1);
        QVERIFY2(ran.err.find("every key of the pool was refused") != std::string::npos, ran.err.c_str());
    }
};

QTEST_GUILESS_MAIN(TestBootstrap)
#include "test_bootstrap.moc"
