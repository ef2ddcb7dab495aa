// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/learned.h"
#include "support/show.h"

using namespace keymux;
using namespace keymux::testing;

namespace {

Provider google(AuthStyle auth = AuthStyle::Bearer)
{
    Provider provider;
    provider.name = "gemini";
    provider.google = true;
    provider.auth = auth;
    return provider;
}

} // namespace

class LearnedTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFieldIsRememberedForThatProviderAndModel()
    {
        Learned learned;
        learned.rememberUnknownField("gemini", "flash", "seed");
        learned.rememberUnknownField("gemini", "flash", "logprobs");
        learned.rememberUnknownField("gemini", "flash", "seed");
        QCOMPARE(learned.unknownFields("gemini", "flash"), (Texts{"seed", "logprobs"}));
        QVERIFY(learned.unknownFields("gemini", "pro").empty());
        QVERIFY(learned.unknownFields("openai", "flash").empty());
    }

    void aProviderThatRefusesEverNewFieldsDoesNotFillMemory()
    {
        Learned learned;
        for (int i = 0; i < 1000; ++i)
            learned.rememberUnknownField("gemini", "flash", "field-" + std::to_string(i));
        QCOMPARE(learned.unknownFields("gemini", "flash").size(), std::size_t(64));
        int known = 0;
        for (int i = 0; i < 10000; ++i) {
            learned.rememberUnknownField("gemini", "model-" + std::to_string(i), "seed");
            known += learned.unknownFields("gemini", "model-" + std::to_string(i)).empty() ? 0 : 1;
        }
        QVERIFY(known > 1000 && known <= 4096);
        learned.rememberUnknownField("gemini", "model-1", "more"); // the known ones still learn
        QCOMPARE(learned.unknownFields("gemini", "model-1").size(), std::size_t(2));
    }

    void theOtherHeaderIsTriedOnceForEachKeyAndSecret()
    {
        Learned learned;
        QVERIFY(learned.canSwitchAuth(google(), "key-1", 7));
        QCOMPARE(learned.authFor(google(), "key-1", 7), AuthStyle::Bearer);
        learned.switchAuth("key-1", 7);
        QVERIFY(!learned.canSwitchAuth(google(), "key-1", 7));
        QCOMPARE(learned.authFor(google(), "key-1", 7), AuthStyle::GoogleApiKey);
        QCOMPARE(learned.authFor(google(AuthStyle::GoogleApiKey), "key-1", 7), AuthStyle::Bearer);
        // Another key, or a new secret of this one, starts over.
        QCOMPARE(learned.authFor(google(), "key-2", 7), AuthStyle::Bearer);
        QCOMPARE(learned.authFor(google(), "key-1", 8), AuthStyle::Bearer);
        QVERIFY(learned.canSwitchAuth(google(), "key-1", 8));
    }

    void aProviderWithOneHeaderKeepsIt()
    {
        Learned learned;
        Provider other = google();
        other.google = false;
        QVERIFY(!learned.canSwitchAuth(other, "key-1", 7));
        QVERIFY(!learned.canSwitchAuth(google(AuthStyle::None), "key-1", 7));
        learned.switchAuth("key-1", 7);
        QCOMPARE(learned.authFor(other, "key-1", 7), AuthStyle::Bearer);
    }
};

QTEST_APPLESS_MAIN(LearnedTest)
#include "test_learned.moc"
