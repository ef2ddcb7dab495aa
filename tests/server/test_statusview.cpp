// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/statusview.h"
#include "support/show.h"

#include <algorithm>

using namespace keymux;
using Json = nlohmann::json;

namespace {

/// 2026-11-24T12:00:00Z
const TimePoint now{Millis(1795521600000)};

Json deployment(const std::string &id, const std::string &status, int requests = 0)
{
    const Json window{{"limit", nullptr}, {"used", 0}, {"resets_at", nullptr}};
    return {{"id", id},
            {"status", status},
            {"cooldown", nullptr},
            {"windows", {{"rpm", window}, {"tpm", window}, {"rpd", window}}},
            {"in_flight", 0},
            {"requests", requests},
            {"errors", 0},
            {"latency_ms", {{"p50", nullptr}, {"p95", nullptr}}}};
}

StatusFrame frameOf(const std::vector<Json> &deployments)
{
    StatusFrame frame;
    frame.url = "http://127.0.0.1:4001";
    frame.now = now;
    frame.state = {{"config", {{"revision", 3}, {"error", nullptr}}},
                   {"totals",
                    {{"deployments", deployments.size()},
                     {"keys", 1},
                     {"requests", 7},
                     {"errors", 1},
                     {"in_flight", 2},
                     {"by_status", {{"ready", deployments.size()}}}}},
                   {"deployments", deployments}};
    return frame;
}

std::string textOf(const std::vector<StatusLine> &lines)
{
    std::string text;
    for (const StatusLine &line : lines)
        text += line.text + '\n';
    return text;
}

int charactersOf(const std::string &text)
{
    return int(QString::fromStdString(text).size());
}

bool contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

/// The pool as lines, without a terminal.
class StatusViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPageSaysWhenWhereAndHowMuch()
    {
        const std::string text = textOf(statusLines(frameOf({deployment("a/m", "ready")}), 120, 24));
        for (const char *part : {"http://127.0.0.1:4001", "2026-11-24 12:00:00 UTC", "config revision 3",
                                 "1 deployments of 1 keys, 1 ready; 2 in flight, 7 requests, 1 errors", "a/m"})
            QVERIFY2(contains(text, part), text.c_str());
    }

    void whatIsUsedOfALimitIsABar()
    {
        Json d = deployment("a/m", "limited");
        d["windows"]["rpm"] = {{"limit", 15}, {"used", 9}};
        d["windows"]["tpm"] = {{"limit", 1000000}, {"used", 1000000}};
        d["windows"]["rpd"] = {{"limit", nullptr}, {"used", 12}};
        const std::string text = textOf(statusLines(frameOf({d}), 160, 24));
        QVERIFY2(contains(text, "███░░ 9/15 "), text.c_str());
        QVERIFY2(contains(text, "█████ 1000k/1000k  12 "), text.c_str());
    }

    void aRestCountsDown()
    {
        Json d = deployment("a/m", "cooling");
        d["cooldown"] = {{"until", "2026-11-24T12:00:22.300Z"}, {"reason", "rate_limit"}, {"scope", "deployment"}};
        QVERIFY(contains(textOf(statusLines(frameOf({d}), 120, 24)), "cooling 23s rate_limit"));
        d["cooldown"]["until"] = "2026-11-24T14:05:00Z";
        QVERIFY(contains(textOf(statusLines(frameOf({d}), 120, 24)), "cooling 2h5m rate_limit"));
        d["cooldown"]["until"] = "2026-11-24T11:00:00Z";
        QVERIFY(contains(textOf(statusLines(frameOf({d}), 120, 24)), "cooling 0s rate_limit"));
    }

    void troubleComesFirstThenWhatServesMost()
    {
        const auto lines = statusLines(
            frameOf({deployment("idle", "ready"), deployment("off", "disabled", 50), deployment("busy", "ready", 9),
                     deployment("bad", "blocked"), deployment("rest", "cooling")}),
            120, 24);
        std::vector<std::string> order;
        for (std::size_t i = 4; i < lines.size(); ++i)
            order.push_back(lines[i].text.substr(0, lines[i].text.find(' ')));
        QCOMPARE(order, (std::vector<std::string>{"bad", "rest", "busy", "idle", "off"}));
        QVERIFY(lines[4].tone == Tone::Bad && lines[5].tone == Tone::Waiting && lines[8].tone == Tone::Off);
    }

    void aThousandDeploymentsFitTheTerminal()
    {
        std::vector<Json> many;
        for (int i = 0; i < 1000; ++i)
            many.push_back(deployment("gemini-key-" + std::to_string(i) + "/gemini-2.0-flash", "ready"));
        for (const int rows : {24, 10, 6, 5, 3, 1}) {
            for (const int columns : {200, 80, 20, 1}) {
                const auto lines = statusLines(frameOf(many), columns, rows);
                QVERIFY(int(lines.size()) <= rows);
                for (const StatusLine &line : lines)
                    QVERIFY2(charactersOf(line.text) <= columns, line.text.c_str());
            }
        }
        const auto lines = statusLines(frameOf(many), 200, 24);
        QCOMPARE(lines.size(), 24U);
        QCOMPARE(lines.back().text, std::string("… 981 more"));
        QCOMPARE(statusLines(frameOf(many), 200, 0).size(), 1004U);
    }

    void aLostServerIsSaidAboveWhatWasLastKnown()
    {
        StatusFrame frame = frameOf({deployment("a/m", "ready")});
        frame.trouble = "no server answers";
        const std::string text = textOf(statusLines(frame, 120, 24));
        QVERIFY(contains(text, "trying again, what follows is old: no server answers"));
        QVERIFY(contains(text, "a/m"));
        frame.state = nullptr;
        QVERIFY(contains(textOf(statusLines(frame, 120, 24)), "trying again: no server answers\n"));
    }

    void whatTheServerSendsCannotHarmTheTerminal()
    {
        StatusFrame frame = frameOf({deployment("a\033[2J\nb", "ready\r")});
        frame.state["config"]["error"] = "x\033]0;title\a";
        for (const StatusLine &line : statusLines(frame, 120, 24))
            QVERIFY(std::none_of(line.text.begin(), line.text.end(), [](char c) { return c >= 0 && c < 0x20; }));
        for (const char *odd : {"[]", "{}", "{\"deployments\": [1, {}, null]}", "{\"totals\": 3, \"deployments\": {}}",
                                "{\"deployments\": [{\"id\": 1, \"windows\": [], \"cooldown\": 3}]}"}) {
            frame.state = Json::parse(odd);
            QVERIFY(!statusLines(frame, 80, 24).empty());
        }
    }
};

QTEST_APPLESS_MAIN(StatusViewTest)
#include "test_statusview.moc"
