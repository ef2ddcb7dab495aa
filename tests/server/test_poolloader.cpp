// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/poolloader.h"
#include "support/daemon.h"
#include "support/show.h"

#include <filesystem>
#include <fstream>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint now{Millis(1700000000000)};

std::string configWith(const std::string &keys, const std::string &more = {})
{
    return "{\"providers\": {\"gemini\": {\"ca_file\": \"ca.pem\", \"keys\": [" + keys + "]}}" + more + "}";
}

std::string key(const std::string &id, const std::string &reference)
{
    return "{\"api_key\": \"" + reference + "\", \"key_id\": \"" + id +
           "\", \"priority_models\": [{\"model\": \"gemini-2.0-flash\"}]}";
}

} // namespace

class PoolLoaderTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;

    std::string write(const std::string &name, const std::string &text) const
    {
        const std::string path = (m_folder->path() / name).string();
        std::ofstream(path) << text;
        return path;
    }
    PoolLoader loaderOf(
        const std::string &text, std::function<void(ServerOptions &)> change = [](ServerOptions &) {}) const
    {
        return PoolLoader(write("config.json", text), false, std::move(change));
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void everySecretIsResolvedOrTold()
    {
        qputenv("LOADER_TEST_KEY", "secret-from-environment");
        write("secret.txt", "secret-from-file\n");
        const auto loaded = loaderOf(configWith(key("a", "env:LOADER_TEST_KEY") + "," + key("b", "file:secret.txt") +
                                                "," + key("c", "env:LOADER_TEST_MISSING")))
                                .load(3, now);
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().summary.c_str());
        const ActivePool &active = *loaded->active;
        QCOMPARE(active.revision, std::uint64_t(3));
        QCOMPARE(active.loadedAt, std::int64_t(1700000000));
        QCOMPARE(active.secrets.size(), std::size_t(3));
        QCOMPARE(std::string(active.secrets[0]->reveal()), std::string("secret-from-environment"));
        QCOMPARE(std::string(active.secrets[1]->reveal()), std::string("secret-from-file"));
        QVERIFY(!active.secrets[2]);
        QVERIFY(loaded->readiness[0].resolved && loaded->readiness[1].resolved && !loaded->readiness[2].resolved);
        QVERIFY(loaded->readiness[0].secretVersion != loaded->readiness[1].secretVersion);
        QCOMPARE(loaded->unresolved.size(), std::size_t(1));
        QVERIFY(loaded->unresolved[0].find("key c") != std::string::npos);
        QVERIFY(loaded->unresolved[0].find("LOADER_TEST_MISSING") != std::string::npos);
    }

    void aNewSecretIsANewVersion()
    {
        const PoolLoader loader = loaderOf(configWith(key("a", "file:secret.txt")));
        write("secret.txt", "one");
        const auto first = loader.load(1, now), same = loader.load(2, now);
        write("secret.txt", "two");
        const auto second = loader.load(3, now);
        QCOMPARE(first->readiness[0].secretVersion, same->readiness[0].secretVersion);
        QVERIFY(first->readiness[0].secretVersion != second->readiness[0].secretVersion);
    }

    void aBrokenDocumentTellsEveryProblemAndASummaryForEverybody()
    {
        const auto loaded = loaderOf("{\"providers\": {\n\"gemini\": {\"kees\": [], \"keys\": [{}]}}}").load(1, now);
        QVERIFY(!loaded);
        QVERIFY(loaded.error().problems.size() > 1);
        for (const std::string &problem : loaded.error().problems)
            QVERIFY2(problem.starts_with((m_folder->path() / "config.json").string() + ":2:"), problem.c_str());
        QVERIFY(loaded.error().summary.find(m_folder->path().string()) == std::string::npos);
        QVERIFY(loaded.error().summary.find('\n') == std::string::npos);
    }

    void aFileThatIsGoneOrTooLargeIsAFailure()
    {
        const PoolLoader loader = loaderOf(configWith(key("a", "env:A")));
        std::filesystem::resize_file(loader.path(), 17 << 20);
        QVERIFY(!loader.load(1, now));
        std::filesystem::remove(loader.path());
        const auto gone = loader.load(1, now);
        QVERIFY(!gone);
        QVERIFY(gone.error().problems.at(0).find("config.json") != std::string::npos);
        QVERIFY(gone.error().summary.find(m_folder->path().string()) == std::string::npos);
    }

    void aFlagBeatsTheFileAtEveryLoad()
    {
        const PoolLoader loader = loaderOf(configWith(key("a", "env:A"), ", \"server\": {\"listen\": \"127.0.0.1:1\"}"),
                                           [](ServerOptions &server) { server.listen = "127.0.0.1:2"; });
        for (int i = 1; i < 3; ++i)
            QCOMPARE(loader.load(std::uint64_t(i), now)->active->config().server.listen, std::string("127.0.0.1:2"));
    }

    void pathsStartFromTheConfigsFolderAndEachOneIsWatched()
    {
        const PoolLoader loader = loaderOf(configWith(
            key("a", "file:one.txt") + "," + key("b", "file:/run/two.txt") + "," + key("c", "THREE_PLACEHOLDER"),
            ", \"secrets\": {\"dir\": \"/run/secrets\"},"
            " \"server\": {\"tls\": {\"cert_file\": \"tls.crt\", \"key_file\": \"/tls.key\"}}"));
        const auto loaded = loader.load(1, now);
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().summary.c_str());
        const PoolConfig &config = loaded->active->config();
        const std::string folder = loader.baseDir();
        QCOMPARE(config.providers[0].caFile, folder + "/ca.pem");
        const std::vector<std::string> files = loader.filesOf(config);
        QCOMPARE(files, (std::vector<std::string>{loader.path(), folder + "/tls.crt", "/tls.key"}));
        loader.secrets().use(loaded->written);
        const std::vector<std::string> secrets = loader.secrets().files();
        for (const std::string &file :
             {folder + "/one.txt", std::string("/run/two.txt"), std::string("/run/secrets/THREE")})
            QVERIFY2(std::find(secrets.begin(), secrets.end(), file) != secrets.end(), file.c_str());
    }

    void theMetricsTokenIsASecretLikeTheOthers()
    {
        const auto with = [&](const std::string &reference) {
            return loaderOf(configWith(key("a", "env:A"), ", \"server\": {\"metrics_token\": \"" + reference + "\"}"));
        };
        write("token", "scraped-every-15-seconds\n");
        const PoolLoader loader = with("file:token");
        const auto loaded = loader.load(1, now);
        QVERIFY(loaded && loaded->active->metricsToken);
        QVERIFY(loaded->active->metricsToken->equals("scraped-every-15-seconds"));
        loader.secrets().use(loaded->written);
        const std::vector<std::string> files = loader.secrets().files();
        QVERIFY(std::find(files.begin(), files.end(), loader.baseDir() + "/token") != files.end());

        write("token", "too short");
        for (const auto &none : {loader.load(2, now), with("file:nowhere").load(3, now)}) {
            QVERIFY(none && !none->active->metricsToken);
            QCOMPARE(none->unresolved.size(), std::size_t(2));
            QVERIFY(none->unresolved[1].find("server.metrics_token opens nothing") != std::string::npos);
            QVERIFY(none->unresolved[1].find("too short") == std::string::npos);
        }
        QVERIFY(!loaderOf(configWith(key("a", "env:A"))).load(4, now)->active->metricsToken);
    }

    void aKeyThatIsSwitchedOffIsNotMissed()
    {
        std::string off = key("a", "env:LOADER_TEST_MISSING");
        off.insert(1, "\"enabled\": false, ");
        const auto loaded = loaderOf(configWith(off)).load(1, now);
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().summary.c_str());
        QVERIFY(loaded->unresolved.empty());
    }
};

QTEST_APPLESS_MAIN(PoolLoaderTest)
#include "test_poolloader.moc"
