// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <algorithm>
#include <map>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";
constexpr int keys = 100, perKey = 15;

} // namespace

/// A hundred keys of fifteen requests a minute are fifteen hundred requests a minute, to the last one.
class BurstTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allTheRoomThereIsCanBeUsedAndNoMore()
    {
        ScriptedUpstream upstream;
        upstream.limit("*", "*", {.rpm = perKey, .countRefusals = true});
        DaemonOptions options =
            PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(keys, "\"rpm_limit\": 15")}.options();
        options.logLevel = "warning";
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());

        const Moment start = Clock::now();
        const auto answers = burst(
            keys * perKey, 64, [](HttpClient &client, int) { return client.post(chat, chatBody("gpt-4")); },
            [&] { return daemon.client(); });
        const Ms took = std::chrono::duration_cast<Ms>(Clock::now() - start);
        qInfo("%d requests in %d ms", keys * perKey, int(took.count()));
        if (took > std::chrono::seconds(50))
            QSKIP("this machine was too slow for the burst to fall into one minute");
        std::map<int, int> statuses;
        for (const HttpResponse &answer : answers)
            ++statuses[answer.status];
        QCOMPARE(statuses[200], keys * perKey);
        for (int i = 1; i <= keys; ++i)
            QCOMPARE(upstream.ledger().countOf(secretOf("key-" + std::to_string(i))), std::size_t(perKey));

        HttpClient client = daemon.client();
        const HttpResponse refused = client.post(chat, chatBody("gpt-4"));
        const Moment refusedAt = Clock::now();
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/error/code"), "pool_exhausted");
        const int wait = std::stoi("0" + std::string(refused.header("retry-after")));
        // The first request leaves the minute 60 s and a quarter after it was sent; rounded up, and never too early.
        const double left =
            60.25 - std::chrono::duration<double>(refusedAt - upstream.ledger().call(0).arrived).count();
        QVERIFY2(wait >= left - 0.1 && wait <= left + 1.5,
                 (std::to_string(wait) + " for " + std::to_string(left)).c_str());
        QCOMPARE(upstream.ledger().count(), std::size_t(keys * perKey));

        std::this_thread::sleep_until(refusedAt + std::chrono::seconds(wait)); // what the client was told to do
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        for (int i = 1; i <= keys; ++i)
            QVERIFY(upstream.ledger().maxInAnyMinute(secretOf("key-" + std::to_string(i))) <= std::size_t(perKey));
        QVERIFY(std::none_of(answers.begin(), answers.end(), [](const auto &answer) { return answer.body.empty(); }));
    }
};

QTEST_APPLESS_MAIN(BurstTest)
#include "test_burst.moc"
