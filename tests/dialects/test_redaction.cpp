// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/errorbody.h"

#include <QtTest>
#include <rapidcheck.h>

using namespace keymux;

class TestRedaction : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSecretIsHiddenWhateverItsShape()
    {
        QCOMPARE(redacted("key abcd-1234-efgh is wrong, abcd-1234-efgh!", "abcd-1234-efgh"),
                 std::string("key *** is wrong, ***!"));
        QCOMPARE(redacted("abcd", "abcd"), std::string("***"));
    }

    void itsBeginningAndItsEndAreHiddenToo()
    {
        const std::string secret = "0123456789abcdefghij";
        QCOMPARE(redacted("provided: 0123456789abc...", secret), std::string("provided: ***..."));
        QCOMPARE(redacted("provided: ...89abcdefghij", secret), std::string("provided: ...***"));
        QCOMPARE(redacted("provided: 01234567****cdefghij", secret), std::string("provided: **********"));
    }

    void whatIsShortTellsNothingAndStays()
    {
        QCOMPARE(redacted("0123456", "0123456789abcdefghij"), std::string("0123456"));
        QCOMPARE(redacted("abc", "abc"), std::string("abc"));
        QCOMPARE(redacted("anything", ""), std::string("anything"));
    }

    void shapesOfKnownKeysAreHiddenWithoutKnowingThem()
    {
        QCOMPARE(redacted("Incorrect API key provided: sk-proj-abcdefgh1234."),
                 std::string("Incorrect API key provided: sk-***"));
        QCOMPARE(redacted("url?key=AIzaSyA1234567890&x=1"), std::string("url?key=***&x=1"));
        QCOMPARE(redacted("Authorization: Bearer abcdef123456"), std::string("Authorization: Bearer ***"));
        QCOMPARE(redacted("gsk_1234567 xai-1234567 ya29.1234567 AQ.1234567"),
                 std::string("gsk_*** xai-*** ya29.*** AQ.***"));
        QCOMPARE(redacted("ask-me, task-list, sk-a"), std::string("ask-me, task-list, sk-a"));
    }

    void noPieceOfASecretGetsThrough()
    {
        QVERIFY(rc::check([] {
            const auto letter = rc::gen::element('a', 'b');
            const auto secret = *rc::gen::resize(40, rc::gen::container<std::string>(letter));
            const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'b', ' '));
            RC_PRE(secret.size() >= 8);
            const std::string hidden = redacted(text + secret + text, secret);
            RC_ASSERT(hidden.find(secret) == std::string::npos);
            RC_ASSERT(hidden.find(secret.substr(0, 8)) == std::string::npos);
            RC_ASSERT(hidden.find(secret.substr(secret.size() - 8)) == std::string::npos);
        }));
    }

    void aLongSecretInALongTextTakesOnePass()
    {
        // Looking for each beginning of this secret in turn would take days.
        const std::string secret = std::string(4095, 'a') + 'b';
        QCOMPARE(redacted(std::string(1 << 20, 'a'), secret).find("aaaaaaaa"), std::string::npos);
        const std::string other = "0123456789" + std::string(4000, 'x') + "9876543210";
        std::string text;
        while (text.size() < (1 << 20))
            text += "xxxxxx 01234567 76543210 ";
        QCOMPARE(redacted(text, other).find("01234567"), std::string::npos);
        QCOMPARE(redacted(text, other).find("76543210"), std::string::npos);
        QCOMPARE(redacted("a" + other + "z", other), std::string("a***z"));
        std::string shapes;
        while (shapes.size() < (1 << 20))
            shapes += "sk-key=";
        QVERIFY(redacted(shapes).size() <= shapes.size());
    }
};

QTEST_APPLESS_MAIN(TestRedaction)
#include "test_redaction.moc"
