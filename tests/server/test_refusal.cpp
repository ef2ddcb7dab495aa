// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/refusal.h"
#include "support/show.h"

using namespace keymux;
using namespace keymux::testing;

namespace {

std::string headerOf(const Refusal &refusal, std::string_view name)
{
    HeaderList headers;
    refusal.addHeaders(headers);
    for (const auto &[key, value] : headers)
        if (key == name)
            return value;
    return "(none)";
}

} // namespace

/// The rows of the client API's error table.
class RefusalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRowHasItsStatusCodeAndType_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<QByteArray>("expected");
        int row = 0;
        for (const char *expected :
             {"401 invalid_api_key invalid_request_error false", "404 model_not_found invalid_request_error false",
              "403 model_not_allowed invalid_request_error false", "429 pool_exhausted rate_limit_error (none)",
              "503 no_deployment server_error false", "413 request_too_large invalid_request_error false",
              "502 upstream_error server_error (none)", "504 upstream_timeout server_error (none)",
              "503 overloaded server_error (none)"})
            QTest::newRow(expected) << row++ << QByteArray(expected);
    }

    void everyRowHasItsStatusCodeAndType()
    {
        QFETCH(int, row);
        QFETCH(QByteArray, expected);
        const Refusal all[] = {invalidKey(),
                               modelNotFound("m"),
                               modelNotAllowed("m"),
                               poolExhausted("m", Millis(5000)),
                               noDeployment("m"),
                               requestTooLarge("m"),
                               upstreamFailed("status 500."),
                               upstreamTimedOut(),
                               overloaded("number of streams")};
        const Refusal &refusal = all[row];
        const std::string body = refusal.body();
        QCOMPARE(std::to_string(refusal.status) + ' ' + jsonAt(body, "/error/code") + ' ' +
                     jsonAt(body, "/error/type") + ' ' + headerOf(refusal, "x-should-retry"),
                 expected.toStdString());
        QVERIFY(jsonAt(body, "/error/message").ends_with('.'));
        QVERIFY(jsonAt(body, "/error/param") != "(absent)");
        QCOMPARE(headerOf(refusal, "content-type"), std::string("application/json"));
    }

    void retryAfterIsRoundedUpToTheSecond()
    {
        for (const auto &[wait, seconds] :
             {std::pair(1, "1"), {999, "1"}, {1000, "1"}, {1001, "2"}, {59001, "60"}, {0, "1"}})
            QCOMPARE(headerOf(poolExhausted("m", Millis(wait)), "retry-after"), std::string(seconds));
        QCOMPARE(headerOf(invalidKey(), "retry-after"), std::string("(none)"));
    }

    void aLongWaitTellsSdksNotToTryAtOnce()
    {
        QCOMPARE(headerOf(poolExhausted("m", Millis(60000)), "x-should-retry"), std::string("(none)"));
        QCOMPARE(headerOf(poolExhausted("m", Millis(60001)), "x-should-retry"), std::string("false"));
        QCOMPARE(headerOf({.status = 408, .code = "request_timeout"}, "x-should-retry"), std::string("(none)"));
    }

    void namesFromOutsideAreShortAndClean()
    {
        const std::string body = modelNotFound(std::string("a\nb\x1b\"c") + std::string(100000, 'x')).body();
        QVERIFY(body.size() < 600);
        QVERIFY(jsonAt(body, "/error/message").find("`a?b?\"c") != std::string::npos);
        QVERIFY(!Json::parse(modelNotFound("\xff\xfe").body(), nullptr, false).is_discarded());
        // Cut in the middle of a character of several bytes, it is still JSON.
        QVERIFY(!Json::parse(modelNotFound(std::string(127, 'x') + "\xc3\xbc").body(), nullptr, false).is_discarded());
    }

    void aWrongMethodNamesTheRightOne()
    {
        QCOMPARE(headerOf({.status = 405, .code = "method_not_allowed", .allow = "POST"}, "allow"),
                 std::string("POST"));
    }
};

QTEST_APPLESS_MAIN(RefusalTest)
#include "test_refusal.moc"
