// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourceharness.h"

using namespace keymux;
using namespace keymux::testing;

/// Vault, as a server tells it that follows the published API.
class VaultSourceTest : public QObject {
    Q_OBJECT

    std::unique_ptr<VaultServer> m_server;
    Credentials m_credentials;
    std::unique_ptr<VaultSource> m_source;

    VaultOptions appRole() const
    {
        VaultOptions options;
        options.url = m_server->url();
        options.roleId = "env:ROLE";
        options.secretId = "env:SECRET";
        options.refresh = Millis(10000);
        return options;
    }
    VaultOptions withToken() const
    {
        VaultOptions options = appRole();
        options.roleId = options.secretId = {};
        options.token = "file:/token";
        return options;
    }
    void use(VaultOptions given)
    {
        m_source = std::make_unique<VaultSource>(std::move(given), m_credentials.lookup(), clockOf(*m_server));
    }
    std::string read(const std::string &path, const std::string &field = "key")
    {
        return shown(m_source->read(path, field));
    }
    int logins() const { return m_server->count("/v1/auth/approle/login"); }
    int renewals() const { return m_server->count("/v1/auth/token/renew-self"); }
    int lookUps() const { return m_server->count("/v1/auth/token/lookup-self"); }
    int reads() const { return m_server->count("/v1/secret/data/"); }

private Q_SLOTS:
    void init()
    {
        m_server = std::make_unique<VaultServer>();
        m_server->set("llm/one", {{"key", "value-one"}, {"other", "value-other"}, {"number", 5}, {"KEY_10", "x"}});
        m_server->set("llm/two", {{"key", "value-two"}});
        m_credentials.set("env:ROLE", VaultServer::roleId);
        m_credentials.set("env:SECRET", "planted-secret-id-0001");
        m_credentials.set("file:/token", "hvs.planted-static-1");
        use(appRole());
    }
    void cleanup()
    {
        m_source.reset();
        m_server.reset();
    }

    void bothWritingsOfAPathAreRead()
    {
        m_server->set("team/kv/llm/x", {{"key", "value-team"}});
        m_server->set("odd/data/y", {{"key", "value-odd"}});
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        QCOMPARE(read("secret/data/llm/one"), std::string("value-one"));
        QCOMPARE(read("/secret/llm/one"), std::string("value-one"));
        QCOMPARE(read("team/kv/data/llm/x"), std::string("value-team"));
        QCOMPARE(read("secret/data/odd/data/y"), std::string("value-odd"));
        for (const char *path : {"secret", "secret/", "secret//x", "secret/../x", "", "/"})
            QVERIFY2(read(path).starts_with("secret_bad: vault:"), path);
        QCOMPARE(logins(), 1);
    }

    void oneCallReadsAllFieldsOfAPath()
    {
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        QCOMPARE(read("secret/llm/one", "other"), std::string("value-other"));
        QVERIFY(read("secret/llm/one", "number").starts_with("secret_bad"));
        QVERIFY2(read("secret/llm/one", "absent").starts_with("secret_missing: Vault's secret/llm/one has no field"),
                 read("secret/llm/one", "absent").c_str());
        QCOMPARE(reads(), 1);
    }

    void sixteenThreadsLogInOnce()
    {
        m_server->setDelay(Ms(5));
        QCOMPARE(readByAll(*m_source, "secret/llm/one", "key", "value-one", 16), 16);
        QCOMPARE(logins(), 1);
        QCOMPARE(reads(), 1);
    }

    void aChangedValueIsReadWithinTheRefreshTime()
    {
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        m_server->set("llm/one", {{"key", "value-changed"}});
        m_server->advance(m_source->refreshEvery() / 2);
        QCOMPARE(read("secret/llm/one"), std::string("value-changed"));
        m_server->remove("llm/one");
        m_server->advance(m_source->refreshEvery() / 2);
        QVERIFY2(read("secret/llm/one").starts_with("secret_missing: Vault's secret/llm/one is not there"),
                 read("secret/llm/one").c_str());
    }

    void deletedAndDestroyedVersionsAreExplained()
    {
        m_server->deleteNewest("llm/one");
        m_server->destroyNewest("llm/two");
        QVERIFY2(has(read("secret/llm/one"), "secret_missing: Vault's secret/llm/one: its newest version was deleted"),
                 read("secret/llm/one").c_str());
        QVERIFY2(has(read("secret/llm/two"), "destroyed"), read("secret/llm/two").c_str());
    }

    void setsAreListed()
    {
        m_server->set("llm/KEY_10", {{"value", "ten"}});
        m_server->set("llm/KEY_2", {{"value", "two"}});
        m_server->set("llm/deeper/KEY_3", {{"value", "three"}});
        QCOMPARE(shown(m_source->list("secret/llm/KEY_*")), std::string("secret/llm/KEY_2 secret/llm/KEY_10"));
        QCOMPARE(shown(m_source->list("secret/data/llm/KEY_*")),
                 std::string("secret/data/llm/KEY_2 secret/data/llm/KEY_10"));
        QCOMPARE(shown(m_source->list("secret/nothing/*")), std::string());
        QCOMPARE(shown(m_source->list("secret/llm/one#*e*")), std::string("key number other"));
        QVERIFY(shown(m_source->list("secret/*/x")).starts_with("secret_bad"));
        QVERIFY(shown(m_source->list("secret*")).starts_with("secret_bad"));
        const auto names = m_source->list("secret/llm/KEY_*");
        for (const std::string &name : *names)
            QVERIFY(m_source->read(name, "value").has_value());
        m_server->deny("llm/");
        QVERIFY2(has(shown(m_source->list("secret/llm/*")), "needs `list`"),
                 shown(m_source->list("secret/llm/*")).c_str());
    }

    void aTokenIsRenewedBeforeItExpires()
    {
        m_server->setTimes(Ms(2000));
        auto given = appRole();
        given.refresh = Millis(1000);
        use(given);
        for (int second = 0; second < 10; ++second) {
            QCOMPARE(read("secret/llm/one"), std::string("value-one"));
            m_server->advance(Ms(1000));
        }
        QCOMPARE(logins(), 1);
        QVERIFY(renewals() >= 4);
        QCOMPARE(reads(), 10);
    }

    void aGivenTokenIsRenewedToo()
    {
        m_server->addToken("hvs.planted-static-1", Ms(3000), true);
        auto given = withToken();
        given.refresh = Millis(1000);
        use(given);
        for (int second = 0; second < 10; ++second) {
            QCOMPARE(read("secret/llm/one"), std::string("value-one"));
            m_server->advance(Ms(1000));
        }
        QCOMPARE(lookUps(), 1);
        QVERIFY(renewals() >= 3);
    }

    void aTokenWithoutEndIsLeftAlone()
    {
        m_server->addToken("hvs.planted-static-1", Ms(0), false);
        use(withToken());
        for (int day = 0; day < 5; ++day) {
            QCOMPARE(read("secret/llm/one"), std::string("value-one"));
            m_server->advance(Ms(86400000));
        }
        QCOMPARE(renewals(), 0);
        QCOMPARE(lookUps(), 1);
    }

    void aRotatedTokenFileIsUsedAtTheNextLogin_data()
    {
        QTest::addColumn<bool>("taciturn");
        QTest::newRow("told that the token is invalid") << false;
        QTest::newRow("told nothing but no") << true;
    }
    void aRotatedTokenFileIsUsedAtTheNextLogin()
    {
        QFETCH(bool, taciturn);
        m_server->setTaciturn(taciturn);
        m_server->addToken("hvs.planted-static-1", Ms(0), false);
        use(withToken());
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        m_server->revokeTokens();
        m_server->advance(Ms(6000));
        const std::string why = read("secret/llm/one");
        QVERIFY2(why.starts_with("secret_denied: Vault does not accept the token"), why.c_str());
        QVERIFY2(!has(why, "planted"), why.c_str());
        m_server->addToken("hvs.planted-static-2", Ms(0), false);
        m_credentials.set("file:/token", "hvs.planted-static-2");
        m_server->advance(Ms(6000));
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
    }

    void aRevokedTokenOfARoleLeadsToANewLogin()
    {
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        m_server->revokeTokens();
        m_server->advance(Ms(6000));
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        QCOMPARE(logins(), 2);
    }

    void whatThePolicyLacksIsExplained_data() { aRotatedTokenFileIsUsedAtTheNextLogin_data(); }
    void whatThePolicyLacksIsExplained()
    {
        QFETCH(bool, taciturn);
        m_server->setTaciturn(taciturn);
        for (int i = 0; i < 20; ++i)
            m_server->deny("closed/" + std::to_string(i));
        for (int i = 0; i < 20; ++i) {
            const std::string why = read("secret/closed/" + std::to_string(i));
            QVERIFY2(why.starts_with("secret_denied: ") && has(why, "needs `read` on secret/data/closed/"),
                     why.c_str());
        }
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        QCOMPARE(logins(), 1); // the token was good
        QCOMPARE(lookUps(), 1);
    }

    void wrongCredentialsAreSaidAndNotTriedUntilTheyChange()
    {
        m_credentials.set("env:SECRET", "planted-wrong-secret");
        for (int i = 0; i < 10; ++i) {
            const std::string why = read("secret/llm/one");
            QVERIFY2(why.starts_with("secret_denied: Vault does not accept the login (status 400"), why.c_str());
            m_server->advance(Ms(5000));
        }
        QCOMPARE(logins(), 1);
        m_server->setSecretId("planted-wrong-secret"); // made right at the other end
        m_server->advance(Ms(60000));
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
    }

    void theNamespaceIsSent()
    {
        m_server->setNamespace("team/a");
        QVERIFY(read("secret/llm/one").starts_with("secret_denied"));
        auto given = appRole();
        given.nameSpace = "team/a";
        use(given);
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
    }

    void aServerThatCannotServeIsExplained_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("rate quota") << 429 << QByteArray("fewer calls");
        QTest::newRow("disaster recovery") << 472 << QByteArray("disaster recovery secondary");
        QTest::newRow("performance standby") << 473 << QByteArray("performance standby");
        QTest::newRow("not initialized") << 501 << QByteArray("not initialized");
        QTest::newRow("sealed") << 503 << QByteArray("sealed");
        QTest::newRow("behind") << 412 << QByteArray("newest state");
        QTest::newRow("a standby's redirect") << 307 << QByteArray("redirect");
    }
    void aServerThatCannotServeIsExplained()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, words);
        m_server->setReply(SourceReply{status, {{"errors", {"told by the server"}}}});
        const std::string why = read("secret/llm/one");
        QVERIFY2(why.starts_with("secret_unreachable: Vault ") && has(why, words.toStdString()), why.c_str());
        QVERIFY2(has(why, "told by the server"), why.c_str());
        const int before = m_server->count();
        QVERIFY(read("secret/llm/two").starts_with("secret_unreachable"));
        QCOMPARE(m_server->count(), before); // one key was told for all
        m_server->setReply({});
        m_server->advance(Ms(30000));
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
    }

    void aSealedVaultIsReadWhenItIsOpened()
    {
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        m_server->setSealed(true);
        m_server->advance(Ms(6000));
        QVERIFY2(has(read("secret/llm/one"), "Vault is sealed"), read("secret/llm/one").c_str());
        m_server->setSealed(false);
        m_server->advance(Ms(10000));
        QCOMPARE(read("secret/llm/one"), std::string("value-one"));
        QCOMPARE(logins(), 1);
    }

    void fiveHundredPathsAreReadSideBySide()
    {
        for (int i = 0; i < 500; ++i)
            m_server->set("many/" + std::to_string(i), {{"key", "many-" + std::to_string(i)}});
        m_server->setDelay(Ms(20));
        QElapsedTimer timer;
        timer.start();
        std::atomic<int> next = 0, good = 0;
        std::vector<std::thread> all;
        for (int thread = 0; thread < 16; ++thread) {
            all.emplace_back([&] {
                for (int i = next++; i < 500; i = next++)
                    good += read("secret/many/" + std::to_string(i)) == "many-" + std::to_string(i) ? 1 : 0;
            });
        }
        for (std::thread &thread : all)
            thread.join();
        qInfo("500 paths in %lld ms", static_cast<long long>(timer.elapsed()));
        QCOMPARE(good.load(), 500);
        QCOMPARE(reads(), 500);
        QVERIFY(m_server->connections() <= 16); // kept
        QVERIFY(m_server->mostAtOnce() <= 16);
    }
};

QTEST_GUILESS_MAIN(VaultSourceTest)
#include "test_vaultsource.moc"
