// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dayzone.h"
#include "core/matching.h"
#include "core/secretref.h"
#include "core/virtualkey.h"

#include <QDateTime>
#include <QtTest>

using namespace keymux;

namespace {

TimePoint at(const char *iso)
{
    return TimePoint(Millis(QDateTime::fromString(QString::fromLatin1(iso), Qt::ISODateWithMs).toMSecsSinceEpoch()));
}

} // namespace

class TestVirtualKey : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKeyIsFoundByItsClearTextOnly()
    {
        std::array<std::uint8_t, 32> random{};
        random.fill(7);
        const std::string clear = virtualKeyFrom(random);
        QVERIFY(clear.starts_with("sk-"));
        QCOMPARE(clear.size(), std::size_t(46));
        VirtualKey key;
        key.id = "vk_1";
        key.digest = digestOf(clear);
        const VirtualKeyTable table({key});
        QVERIFY(table.find(clear, TimePoint{}));
        QVERIFY(!table.find(clear + "x", TimePoint{}));
        QVERIFY(!table.find(clear.substr(0, 45), TimePoint{}));
        QVERIFY(!table.find("", TimePoint{}));
        QVERIFY(!table.find(std::string(100000, 'a'), TimePoint{}));
    }

    void expiryIsExactAndRevocationFinal()
    {
        VirtualKey key;
        key.digest = digestOf("sk-a-virtual-key");
        key.expiresAt = TimePoint(Millis(5000));
        QVERIFY(VirtualKeyTable({key}).find("sk-a-virtual-key", TimePoint(Millis(4999))));
        QVERIFY(!VirtualKeyTable({key}).find("sk-a-virtual-key", TimePoint(Millis(5000))));
        key.revokedAt = TimePoint(Millis(1));
        QVERIFY(!VirtualKeyTable({key}).find("sk-a-virtual-key", TimePoint(Millis(0))));
    }

    void aBlockedKeyIsRefusedUntilItIsUnblocked()
    {
        VirtualKey key;
        key.id = "vk_1";
        key.digest = digestOf("sk-a-virtual-key");
        key.blocked = true;
        QVERIFY(!VirtualKeyTable({key}).find("sk-a-virtual-key", TimePoint()));
        QVERIFY(VirtualKeyTable({key}).byId("vk_1"));
        QVERIFY(!VirtualKeyTable({key}).byId("vk_2"));
        QVERIFY(statusOf(key, TimePoint()) == VirtualKeyStatus::Blocked);
        key.blocked = false;
        QVERIFY(VirtualKeyTable({key}).find("sk-a-virtual-key", TimePoint()));
    }

    void aReplacedKeyWorksUntilItsMomentAndNoLonger()
    {
        VirtualKey key;
        key.digest = digestOf("sk-the-new-one-of-today");
        key.oldDigest = digestOf("sk-the-old-one");
        key.oldUntil = TimePoint(Millis(5000));
        const VirtualKeyTable table({key});
        QVERIFY(table.find("sk-the-new-one-of-today", TimePoint(Millis(9000))));
        QVERIFY(table.find("sk-the-old-one", TimePoint(Millis(4999))));
        QVERIFY(!table.find("sk-the-old-one", TimePoint(Millis(5000))));
        key.revokedAt = TimePoint(Millis(1));
        QVERIFY(!VirtualKeyTable({key}).find("sk-the-old-one", TimePoint(Millis(2))));
    }

    void modelsAreMatchedAgainstTheNameAskedFor()
    {
        VirtualKey key;
        QVERIFY(mayAskFor(key, "anything"));
        key.models = {"gpt-4*", "gemini-2.0-flash"};
        QVERIFY(mayAskFor(key, "gpt-4o"));
        QVERIFY(mayAskFor(key, "gemini-2.0-flash"));
        QVERIFY(!mayAskFor(key, "gemini-2.0-flash-exp"));
    }

    void globsMatchWholeNames()
    {
        QVERIFY(globMatches("*", ""));
        QVERIFY(globMatches("gpt-4*", "gpt-4"));
        QVERIFY(!globMatches("gpt-4*", "xgpt-4"));
        QVERIFY(globMatches("*-flash", "gemini-flash"));
        QVERIFY(!globMatches("*-flash", "gemini-flash-8b"));
        QVERIFY(globMatches("a*b*c", "aXbYbZc"));
        QVERIFY(!globMatches("a*b*c", "acb"));
        QVERIFY(!globMatches("ab*ba", "aba"));
        QVERIFY(globMatches("claude-*[1m].+", "claude-x[1m].+"));
        QVERIFY(!globMatches("a.c", "abc"));
        QVERIFY(globMatches("**", "x"));
        QVERIFY(!globMatches(std::string(1000, '*') + "b", std::string(100000, 'a'))); // no blow-up
    }

    void referencesAreToldFromSecrets()
    {
        using Kind = SecretRef::Kind;
        QVERIFY((parseSecretRef("GEMINI_KEY_1_PLACEHOLDER") == SecretRef{Kind::Placeholder, "GEMINI_KEY_1", {}}));
        QVERIFY((parseSecretRef("env:A_B") == SecretRef{Kind::Env, "A_B", {}}));
        QVERIFY((parseSecretRef("file:/run/secrets/x y") == SecretRef{Kind::File, "/run/secrets/x y", {}}));
        QVERIFY((parseSecretRef("vault:kv/llm#key") == SecretRef{Kind::Vault, "kv/llm", "key"}));
        QVERIFY(parseSecretRef("env:GEMINI_KEY_*")->isSet());
        for (const char *secret : {"", "sk-abcdef", "AIzaSyABC", "env:", "file:", "_PLACEHOLDER", "A B_PLACEHOLDER",
                                   "vault:kv/llm", "http://x", "env:a\nb"})
            QVERIFY2(!parseSecretRef(secret), secret);
    }

    void theDayTurnsAtTheProvidersMidnight()
    {
        const auto pacific = DayZone::named("America/Los_Angeles", at("2026-06-01T00:00:00Z"));
        QVERIFY(pacific);
        QVERIFY(pacific->nextMidnight(at("2026-11-24T07:59:59.999Z")) == at("2026-11-24T08:00:00Z"));
        QVERIFY(pacific->nextMidnight(at("2026-11-24T08:00:00Z")) == at("2026-11-25T08:00:00Z"));
        QVERIFY(pacific->lastMidnight(at("2026-11-24T07:59:59Z")) == at("2026-11-23T08:00:00Z"));
        QVERIFY(pacific->lastMidnight(at("2026-11-24T08:00:00Z")) == at("2026-11-24T08:00:00Z"));
        // Clocks go forward on 8 March 2026 and back on 1 November 2026.
        QVERIFY(pacific->nextMidnight(at("2026-03-08T09:00:00Z")) == at("2026-03-09T07:00:00Z"));
        QVERIFY(pacific->nextMidnight(at("2026-03-08T07:59:00Z")) == at("2026-03-08T08:00:00Z"));
        QVERIFY(pacific->nextMidnight(at("2026-11-01T08:30:00Z")) == at("2026-11-02T08:00:00Z"));
        QVERIFY(pacific->nextMidnight(at("2026-11-01T06:30:00Z")) == at("2026-11-01T07:00:00Z"));
        QVERIFY(DayZone().nextMidnight(at("2026-11-23T23:59:59.999Z")) == at("2026-11-24T00:00:00Z"));
        QVERIFY(!DayZone::named("Mars/Olympus", TimePoint{}));
        // Where the clocks change at midnight itself, the day still begins once.
        const auto havana = DayZone::named("America/Havana", at("2026-06-01T00:00:00Z"));
        QVERIFY(havana && havana->nextMidnight(at("2026-03-07T12:00:00Z")) > at("2026-03-07T12:00:00Z"));
    }
};

QTEST_APPLESS_MAIN(TestVirtualKey)
#include "test_virtualkey.moc"
