// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/logline.h"
#include "support/show.h"

#include <QRegularExpression>
#include <algorithm>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint at{Millis(1764028800123)};

std::string text(std::string_view message, QtMsgType type = QtInfoMsg)
{
    return logLine(LogFormat::Text, at, type, "rate", message);
}

std::string json(std::string_view message, QtMsgType type = QtInfoMsg)
{
    return logLine(LogFormat::Json, at, type, "rate", message);
}

} // namespace

class LogLineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTextLineIsMadeForPeople()
    {
        QCOMPARE(text("cooldown: key-1"), std::string("2025-11-25T00:00:00.123Z INFO    rate: cooldown: key-1\n"));
        QCOMPARE(text("m", QtWarningMsg), std::string("2025-11-25T00:00:00.123Z WARNING rate: m\n"));
    }

    void aJsonLineIsMadeForPrograms()
    {
        QCOMPARE(json("a \"quoted\" word"),
                 std::string("{\"t\":\"2025-11-25T00:00:00.123Z\",\"level\":\"info\",\"category\":\"rate\","
                             "\"message\":\"a \\\"quoted\\\" word\"}\n"));
    }

    void everyLevelHasItsWord()
    {
        const std::pair<QtMsgType, const char *> levels[] = {{QtDebugMsg, "debug"},
                                                             {QtInfoMsg, "info"},
                                                             {QtWarningMsg, "warning"},
                                                             {QtCriticalMsg, "error"},
                                                             {QtFatalMsg, "error"}};
        for (const auto &[type, word] : levels)
            QCOMPARE(jsonAt(json("m", type), "/level"), std::string(word));
    }

    void noMessageCanForgeALineOrReachTheTerminal()
    {
        for (int byte = 0; byte < 256; ++byte) {
            const std::string message = std::string("a") + char(byte) + "2025-11-25T00:00:00.123Z ERROR rate: forged";
            for (const std::string &line : {text(message), json(message)}) {
                QCOMPARE(std::count(line.begin(), line.end(), '\n'), 1);
                QVERIFY(line.ends_with('\n'));
                const bool clean = std::all_of(line.begin(), line.end() - 1, [](char c) {
                    const auto b = static_cast<unsigned char>(c);
                    return b >= 0x20 && (b != 0x7f);
                });
                QVERIFY2(clean || byte == 0x7f, std::to_string(byte).c_str());
            }
        }
        QVERIFY(text("a\r\n\x1b[2Jb\x7f").find("a\\x0d\\x0a\\x1b[2Jb\\x7f\n") != std::string::npos);
    }

    void aJsonLineIsJsonWhateverTheMessageHolds()
    {
        for (const std::string &message : {std::string("\xff\xfe broken UTF-8"), std::string("nul \0 inside", 12),
                                           std::string(100000, '"'), std::string("J\xc3\xbcrgen")}) {
            const Json line = Json::parse(json(message), nullptr, false);
            QVERIFY(!line.is_discarded());
            QVERIFY(line.at("message").is_string());
        }
        QCOMPARE(jsonAt(json("J\xc3\xbcrgen"), "/message"), std::string("J\xc3\xbcrgen"));
    }
};

QTEST_APPLESS_MAIN(LogLineTest)
#include "test_logline.moc"
