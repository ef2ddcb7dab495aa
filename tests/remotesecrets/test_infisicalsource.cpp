// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourceharness.h"

using namespace keymux;
using namespace keymux::testing;

/// Infisical, as a server tells it that follows the published API.
class InfisicalSourceTest : public QObject {
    Q_OBJECT

    std::unique_ptr<InfisicalServer> m_server;
    Credentials m_credentials;
    std::unique_ptr<InfisicalSource> m_source;

    InfisicalOptions options() const
    {
        InfisicalOptions options;
        options.url = m_server->url();
        options.projectId = InfisicalServer::project;
        options.environment = InfisicalServer::environment;
        options.clientId = "env:ID";
        options.clientSecret = "env:SECRET";
        options.refresh = Millis(10000);
        return options;
    }
    void use(InfisicalOptions given)
    {
        m_source = std::make_unique<InfisicalSource>(std::move(given), m_credentials.lookup(), clockOf(*m_server));
    }
    std::string read(const std::string &name) { return shown(m_source->read(name, {})); }
    int logins() const { return m_server->count("/api/v1/auth/universal-auth/login"); }
    int listings() const { return m_server->count("/api/v4/secrets"); }
    int renewals() const { return m_server->count("/api/v1/auth/token/renew"); }

private Q_SLOTS:
    void init()
    {
        m_server = std::make_unique<InfisicalServer>();
        m_server->set("GEMINI_KEY_1", "value-one");
        m_server->set("GEMINI_KEY_2", "value-two");
        m_server->set("GEMINI_KEY_10", "value-ten");
        m_credentials.set("env:ID", InfisicalServer::clientId);
        m_credentials.set("env:SECRET", "planted-client-secret-0001");
        use(options());
    }
    void cleanup()
    {
        m_source.reset();
        m_server.reset();
    }

    void oneLoginAndOneListingServeAllNames()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        QCOMPARE(read("GEMINI_KEY_2"), std::string("value-two"));
        QCOMPARE(shown(m_source->list("GEMINI_KEY_*")), std::string("GEMINI_KEY_1 GEMINI_KEY_2 GEMINI_KEY_10"));
        QVERIFY(has(read("GEMINI_KEY_3"), "secret_missing: Infisical has no secret GEMINI_KEY_3"));
        QCOMPARE(logins(), 1);
        QCOMPARE(listings(), 1);
        const auto call = m_server->calls().at(1);
        QCOMPARE(call.query.at("expandSecretReferences"), std::string("true"));
        QCOMPARE(call.query.at("secretPath"), std::string("/"));
    }

    void sixteenThreadsLogInOnce()
    {
        m_server->setDelay(Ms(5));
        QCOMPARE(readByAll(*m_source, "GEMINI_KEY_1", {}, "value-one", 16), 16);
        QCOMPARE(logins(), 1);
        QCOMPARE(listings(), 1);
    }

    void aChangedValueIsReadWithinTheRefreshTime()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->set("GEMINI_KEY_1", "value-changed");
        m_server->set("GEMINI_KEY_3", "value-new");
        m_server->remove("GEMINI_KEY_2");
        m_server->advance(m_source->refreshEvery() / 2);
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-changed"));
        QCOMPARE(shown(m_source->list("GEMINI_KEY_*")), std::string("GEMINI_KEY_1 GEMINI_KEY_3 GEMINI_KEY_10"));
        QVERIFY(read("GEMINI_KEY_2").starts_with("secret_missing"));
        QCOMPARE(logins(), 1);
    }

    void referencesAndImportsCount()
    {
        m_server->set("ALIAS", "${GEMINI_KEY_2}");
        m_server->import("/shared", "SHARED", "from-shared");
        m_server->import("/shared", "GEMINI_KEY_1", "never-seen");
        m_server->import("/team", "SHARED", "from-team");
        QCOMPARE(read("ALIAS"), std::string("value-two"));
        QCOMPARE(read("SHARED"), std::string("from-team")); // the last import counts most
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
    }

    void aFolderWithOddCharactersIsAskedFor()
    {
        m_server->set("KEY", "in-folder", "/llm keys/a&b=c");
        auto given = options();
        given.path = "/llm keys/a&b=c";
        use(given);
        QCOMPARE(read("KEY"), std::string("in-folder"));
    }

    void anOlderServerIsAskedByItsOwnPath()
    {
        m_server->setOld(true);
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->advance(Ms(20000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        QCOMPARE(listings(), 1); // it was found out once
        QCOMPARE(m_server->count("/api/v3/secrets/raw"), 2);
        QCOMPARE(m_server->calls().back().query.at("workspaceId"), std::string(InfisicalServer::project));
    }

    void theTokenIsRenewedBeforeItExpires()
    {
        m_server->setTimes(Ms(2000), Ms(100000));
        auto given = options();
        given.refresh = Millis(1000);
        use(given);
        for (int second = 0; second < 10; ++second) {
            QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
            m_server->advance(Ms(1000));
        }
        QCOMPARE(logins(), 1);
        QVERIFY(renewals() >= 4);
    }

    void aTokenAtTheEndOfItsLongestLifeIsReplaced()
    {
        m_server->setTimes(Ms(2000), Ms(5000));
        auto given = options();
        given.refresh = Millis(1000);
        use(given);
        for (int second = 0; second < 10; ++second) {
            QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
            m_server->advance(Ms(1000));
        }
        QVERIFY(renewals() >= 1);
        QVERIFY(logins() >= 2);
        // No call was refused on the way.
        QCOMPARE(listings(), 10);
    }

    void anExpiredOrRevokedTokenLeadsToANewLogin()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->revokeTokens();
        m_server->advance(Ms(6000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        QCOMPARE(logins(), 2);
        m_server->advance(Ms(86400000)); // expired: 403 TokenError
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        QCOMPARE(logins(), 3);
    }

    void aRotatedClientSecretIsUsedAtTheNextLogin()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->setClientSecret("planted-client-secret-0002");
        m_credentials.set("env:SECRET", "planted-client-secret-0002");
        m_server->revokeTokens();
        m_server->advance(Ms(6000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
    }

    void wrongCredentialsAreSaidAndNotTriedUntilTheyChange()
    {
        m_credentials.set("env:SECRET", "planted-wrong-secret");
        for (int i = 0; i < 20; ++i) {
            const std::string why = read("GEMINI_KEY_1");
            QVERIFY2(why.starts_with("secret_denied: Infisical does not accept client id and client secret"),
                     why.c_str());
            QVERIFY2(!has(why, "planted"), why.c_str()); // the server echoed it
            QVERIFY(!has(why, "\n"));
            m_server->advance(Ms(2000));
        }
        QCOMPARE(logins(), 1); // three would have locked the identity out
        m_credentials.set("env:SECRET", "planted-client-secret-0001");
        m_server->advance(Ms(6000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
    }

    void aMissingCredentialIsNamed()
    {
        auto given = options();
        given.clientSecret = "env:NOT_SET";
        use(given);
        const std::string why = read("GEMINI_KEY_1");
        QVERIFY2(why.starts_with("secret_denied: Infisical") && has(why, "env:NOT_SET"), why.c_str());
        QCOMPARE(m_server->count(), 0);
    }

    void whatTheIdentityMayNotSeeIsExplained()
    {
        m_server->hide("GEMINI_KEY_1");
        QVERIFY2(read("GEMINI_KEY_1").starts_with("secret_denied: Infisical hides the value"),
                 read("GEMINI_KEY_1").c_str());
        QCOMPARE(read("GEMINI_KEY_2"), std::string("value-two"));
        m_server->setForbidden(true);
        m_server->advance(Ms(6000));
        const std::string why = read("GEMINI_KEY_2");
        QVERIFY2(why.starts_with("secret_denied: ") && has(why, "You are not allowed"), why.c_str());
        QCOMPARE(logins(), 1); // a new login would not help
    }

    void aWrongFolderIsExplained()
    {
        auto given = options();
        given.path = "/nowhere";
        use(given);
        const std::string why = read("GEMINI_KEY_1");
        QVERIFY2(why.starts_with("secret_missing: ") && has(why, "/nowhere") && has(why, "check"), why.c_str());
    }

    void aLimitedServerIsLeftAloneForAsLongAsItAsks()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->setReply(SourceReply{429, {{"message", "Rate limit exceeded"}}, {{"retry-after", "120"}}});
        m_server->advance(Ms(6000));
        QVERIFY2(read("GEMINI_KEY_1").starts_with("secret_unreachable: Infisical asks for fewer calls (status 429"),
                 read("GEMINI_KEY_1").c_str());
        m_server->setReply({});
        const int before = m_server->count();
        m_server->advance(Ms(119000));
        QVERIFY(read("GEMINI_KEY_1").starts_with("secret_unreachable"));
        QCOMPARE(m_server->count(), before);
        m_server->advance(Ms(1000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
    }

    void aSourceThatIsDownIsAskedLessAndLess()
    {
        m_server->setReply(SourceReply{502, {{"message", "Bad Gateway"}}});
        for (int i = 0; i < 400; ++i) {
            QVERIFY(read("GEMINI_KEY_1").starts_with("secret_unreachable: Infisical has trouble (status 502"));
            m_server->advance(Ms(100));
        }
        const int calls = m_server->count();
        QVERIFY2(calls > 3 && calls < 12, std::to_string(calls).c_str()); // 40 s, at most 10 s apart
        m_server->setReply({});
        m_server->advance(Ms(10000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
    }

    void aSourceThatGoesAndComesBackIsRead()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->setDown(true);
        m_server->advance(Ms(6000));
        QVERIFY2(read("GEMINI_KEY_1").starts_with("secret_unreachable: Infisical: http://127.0.0.1:"),
                 read("GEMINI_KEY_1").c_str());
        m_server->setDown(false);
        m_server->advance(Ms(10000));
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        QCOMPARE(logins(), 1);
    }

    void answersThatAreNoneAreRefused_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("a page") << 200 << QByteArray("<html>hello</html>") << QByteArray("secret_unreachable");
        QTest::newRow("another JSON") << 200 << QByteArray("[1,2]") << QByteArray("secret_unreachable");
        QTest::newRow("no token") << 200 << QByteArray("{\"accessToken\":7}") << QByteArray("no access token");
        QTest::newRow("a redirect") << 307 << QByteArray("{}") << QByteArray("not followed with credentials");
        QTest::newRow("too much") << 200 << QByteArray(5 << 20, 'x') << QByteArray("more than 4 MiB");
    }
    void answersThatAreNoneAreRefused()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, words);
        SourceReply reply{status, {}, {{"location", m_server->url() + "/elsewhere"}}};
        reply.raw = body.toStdString();
        m_server->setReply(reply);
        const std::string why = read("GEMINI_KEY_1");
        QVERIFY2(has(why, words.toStdString()), why.c_str());
        QCOMPARE(m_server->count("/elsewhere"), 0);
    }

    void listingsOfOddShapesAreTaken()
    {
        QCOMPARE(read("GEMINI_KEY_1"), std::string("value-one"));
        m_server->setReply(SourceReply{200, nlohmann::json::parse(R"({"secrets":[1,null,{"secretKey":5},
            {"secretKey":"A","secretValue":"a","secretValueHidden":"odd"},{"secretKey":"B"}],
            "imports":[7,{"secrets":3},{"secrets":[{"secretKey":"C","secretValue":"c"}]}]})")});
        m_server->advance(Ms(6000));
        QCOMPARE(read("A"), std::string("a"));
        QCOMPARE(read("C"), std::string("c"));
        QVERIFY(read("B").starts_with("secret_bad"));
    }

    void whatRunsEndsWhenItIsStopped()
    {
        m_server->setHanging(true);
        std::string why;
        std::thread reader([&] { why = read("GEMINI_KEY_1"); });
        QTRY_VERIFY(m_server->connections() == 1);
        m_source->stop();
        reader.join();
        QVERIFY2(why.starts_with("secret_unreachable"), why.c_str());
        QVERIFY(read("GEMINI_KEY_1").starts_with("secret_unreachable"));
    }

    void fiveHundredKeysTakeTwoCalls()
    {
        for (int i = 0; i < 500; ++i)
            m_server->set("MANY_" + std::to_string(i), "many-" + std::to_string(i));
        m_server->setDelay(Ms(20));
        QElapsedTimer timer;
        timer.start();
        const auto names = m_source->list("MANY_*");
        QVERIFY(names && names->size() == 500);
        for (const std::string &name : *names)
            QVERIFY(m_source->read(name, {}).has_value());
        qInfo("500 keys in %lld ms", static_cast<long long>(timer.elapsed()));
        QCOMPARE(m_server->count(), 2);
    }
};

QTEST_GUILESS_MAIN(InfisicalSourceTest)
#include "test_infisicalsource.moc"
