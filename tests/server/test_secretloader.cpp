// SPDX-License-Identifier: GPL-3.0-or-later
#include "secretloader/secretloader.h"

#include "core/matching.h"

#include <QSignalSpy>
#include <QtTest>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

using namespace keymux;

namespace {

/// A source on the network, as a test wants it to behave.
class FakeSource : public SecretSource {
public:
    std::string_view name() const override { return "infisical"; }
    Result<Secret> read(const std::string &name, const std::string & /*field*/) override
    {
        ++reads;
        const Millis wait = delay.load();
        if (wait > Millis(0))
            std::this_thread::sleep_for(wait);
        const std::lock_guard lock(m_mutex);
        if (m_down)
            return failure("secret_unreachable", "the source is down");
        if (m_denied)
            return failure("secret_denied", "the source denies " + name);
        const auto found = m_values.find(name);
        if (found == m_values.end())
            return failure("secret_missing", "the source has no " + name);
        return secretFrom(std::string(found->second), name);
    }
    Result<std::vector<std::string>> list(const std::string &glob) override
    {
        const std::lock_guard lock(m_mutex);
        if (m_down)
            return failure("secret_unreachable", "the source is down");
        std::vector<std::string> names;
        for (const auto &[name, value] : m_values) {
            if (globMatches(glob, name))
                names.push_back(name);
        }
        sortSecretNames(names);
        return names;
    }
    Millis refreshEvery() const override { return refresh; }

    void set(const std::string &name, const std::string &value)
    {
        const std::lock_guard lock(m_mutex);
        m_values[name] = value;
    }
    void remove(const std::string &name)
    {
        const std::lock_guard lock(m_mutex);
        m_values.erase(name);
    }
    void setDown(bool down)
    {
        const std::lock_guard lock(m_mutex);
        m_down = down;
    }
    void setDenied(bool denied)
    {
        const std::lock_guard lock(m_mutex);
        m_denied = denied;
    }

    std::atomic<int> reads = 0;
    std::atomic<Millis> delay = Millis(0);
    Millis refresh{50};

private:
    std::mutex m_mutex;
    std::map<std::string, std::string> m_values;
    bool m_down = false, m_denied = false;
};

std::shared_ptr<const PoolConfig> poolWith(const std::vector<std::string> &references)
{
    auto config = std::make_shared<PoolConfig>();
    config->providers.resize(1);
    config->providers[0].name = "gemini";
    for (const std::string &reference : references) {
        KeyEntry key;
        key.apiKey = reference;
        key.keyId = reference.find('*') == std::string::npos
                        ? "k" + std::to_string(config->providers[0].keys.size() + 1)
                        : std::string();
        key.models = {{.model = "m"}};
        config->providers[0].keys.push_back(std::move(key));
    }
    return config;
}

/// `key_id=secret`, `-` where there is none.
std::string shown(const ResolvedPool &pool)
{
    std::string all;
    std::size_t i = 0;
    for (const Provider &provider : pool.config.providers) {
        for (const KeyEntry &key : provider.keys) {
            const auto &secret = pool.secrets.at(i++);
            all += (all.empty() ? "" : " ") + key.keyId + "=" + (secret ? std::string(secret->reveal()) : "-");
        }
    }
    return all;
}

} // namespace

/// Secrets that come late, change, or cannot be had for a while.
class SecretLoaderTest : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeSource> m_remote;
    std::map<std::string, std::string> m_env;

    SecretLoader::MakeResolver resolver()
    {
        SecretSourceSet sources;
        sources.environment = std::make_shared<EnvironmentSource>([this](const char *name) -> const char * {
            const auto found = m_env.find(name);
            return found == m_env.end() ? nullptr : found->second.c_str();
        });
        sources.files = std::make_shared<FileSource>("/");
        sources.infisical = m_remote;
        return [sources](const SecretSources &) { return std::make_shared<const SecretResolver>(sources); };
    }
    /// Waits until what is known looks like this.
    static bool becomes(SecretLoader &loader, const std::shared_ptr<const PoolConfig> &pool,
                        const std::string &expected)
    {
        return QTest::qWaitFor([&] { return shown(loader.known(*pool)) == expected; }, 10000);
    }

private Q_SLOTS:
    void init()
    {
        m_remote = std::make_shared<FakeSource>();
        m_env.clear();
    }

    void everythingIsThereWhenItIsQuick()
    {
        m_env["A"] = "local-a";
        m_remote->set("B", "remote-b");
        m_remote->set("C", "remote-c");
        SecretLoader loader(resolver());
        const auto pool =
            poolWith({"env:A", "infisical:B", "C_PLACEHOLDER", "A_PLACEHOLDER", "env:NONE", "NONE_PLACEHOLDER"});
        const ResolvedPool resolved = loader.load(pool, Millis(10000));
        QCOMPARE(shown(resolved), std::string("k1=local-a k2=remote-b k3=remote-c k4=local-a k5=- k6=-"));
        QCOMPARE(resolved.missing, 2);
        QCOMPARE(resolved.unresolved.size(), std::size_t(2));
        QVERIFY(resolved.unreachable.empty());
        QVERIFY(resolved.readiness[0].resolved && !resolved.readiness[4].resolved);
        QCOMPARE(resolved.readiness[0].secretVersion, resolved.readiness[3].secretVersion);
    }

    void aSlowSourceHoldsUpNobodyElse()
    {
        m_env["A"] = "local-a";
        m_remote->set("B", "remote-b");
        m_remote->delay = Millis(400);
        SecretLoader loader(resolver());
        QSignalSpy changed(&loader, &SecretLoader::changed);
        const auto pool = poolWith({"infisical:B", "env:A"});
        const ResolvedPool resolved = loader.load(pool, Millis(100));
        QCOMPARE(shown(resolved), std::string("k1=- k2=local-a"));
        QVERIFY(resolved.unresolved.at(0).find("still being looked for") != std::string::npos);
        loader.use(pool);
        QVERIFY(changed.wait(10000));
        QVERIFY(becomes(loader, pool, "k1=remote-b k2=local-a"));
    }

    void aSourceThatIsDownKeepsTheLastGoodValues()
    {
        for (int i = 1; i <= 20; ++i)
            m_remote->set("K_" + std::to_string(i), "v" + std::to_string(i));
        SecretLoader loader(resolver());
        const auto pool = poolWith({"infisical:K_*"});
        const std::string all = shown(loader.load(pool, Millis(10000)));
        QVERIFY(all.starts_with("k-1=v1 k-2=v2 ") && all.ends_with(" k-20=v20"));
        loader.use(pool);
        m_remote->setDown(true);
        QVERIFY(QTest::qWaitFor([&] { return loader.known(*pool).stale == 20; }, 10000));
        const ResolvedPool down = loader.known(*pool);
        QCOMPARE(shown(down), all);
        QCOMPARE(down.missing, 0);
        QCOMPARE(down.unreachable.size(), std::size_t(1));
        QVERIFY(down.unreachable.count("infisical") == 1);
        // A new document that names the same finds them, too.
        const auto edited = poolWith({"infisical:K_*", "infisical:K_1"});
        QVERIFY(shown(loader.load(edited, Millis(100))).starts_with("k-1=v1"));
        loader.drop();
        m_remote->setDown(false);
        QVERIFY(QTest::qWaitFor([&] { return loader.known(*pool).stale == 0; }, 10000));
        QVERIFY(loader.known(*pool).unreachable.empty());
    }

    void aSourceThatIsDownIsNotAskedForEveryKey()
    {
        m_remote->setDown(true);
        std::vector<std::string> references;
        for (int i = 0; i < 500; ++i)
            references.push_back("infisical:K_" + std::to_string(i));
        SecretLoader loader(resolver());
        const ResolvedPool resolved = loader.load(poolWith(references), Millis(10000));
        QCOMPARE(resolved.missing, 500);
        QVERIFY2(m_remote->reads < 30, qPrintable(QString::number(m_remote->reads)));
    }

    void whatIsMissingAtAColdStartJoinsWhenItsSourceComes()
    {
        m_env["A"] = "local-a";
        m_remote->set("B", "remote-b");
        m_remote->setDown(true);
        SecretLoader loader(resolver());
        const auto pool = poolWith({"env:A", "infisical:B", "B_PLACEHOLDER"});
        QCOMPARE(shown(loader.load(pool, Millis(10000))), std::string("k1=local-a k2=- k3=-"));
        loader.use(pool);
        m_remote->setDown(false);
        QVERIFY(becomes(loader, pool, "k1=local-a k2=remote-b k3=remote-b"));
    }

    void aRotatedSecretIsTakenWithinItsRefresh()
    {
        m_remote->set("B", "one");
        SecretLoader loader(resolver());
        const auto pool = poolWith({"infisical:B"});
        const auto before = loader.load(pool, Millis(10000)).readiness[0].secretVersion;
        loader.use(pool);
        m_remote->set("B", "two");
        QVERIFY(becomes(loader, pool, "k1=two"));
        QVERIFY(loader.known(*pool).readiness[0].secretVersion != before);
        m_remote->setDenied(true); // says nothing of the value
        QVERIFY(QTest::qWaitFor([&] { return loader.known(*pool).stale == 1; }, 10000));
        QCOMPARE(shown(loader.known(*pool)), std::string("k1=two"));
        m_remote->setDenied(false);
        m_remote->remove("B"); // this does
        QVERIFY(becomes(loader, pool, "k1=-"));
    }

    void membersOfASetComeAndGo()
    {
        m_remote->set("K_1", "v1");
        SecretLoader loader(resolver());
        const auto pool = poolWith({"infisical:K_*"});
        QCOMPARE(shown(loader.load(pool, Millis(10000))), std::string("k-1=v1"));
        loader.use(pool);
        m_remote->set("K_10", "v10");
        m_remote->set("K_9", "v9");
        QVERIFY(becomes(loader, pool, "k-1=v1 k-9=v9 k-10=v10"));
        m_remote->remove("K_1");
        QVERIFY(becomes(loader, pool, "k-9=v9 k-10=v10"));
    }

    void nothingNewIsNotTold()
    {
        m_remote->set("B", "one");
        SecretLoader loader(resolver());
        const auto pool = poolWith({"infisical:B"});
        loader.load(pool, Millis(10000));
        loader.use(pool);
        QTest::qWait(100);
        QSignalSpy changed(&loader, &SecretLoader::changed);
        const int reads = m_remote->reads;
        QVERIFY(QTest::qWaitFor([&] { return m_remote->reads > reads + 3; }, 10000));
        QCOMPARE(changed.count(), 0);
    }

    void aCandidateThatIsDroppedIsForgotten()
    {
        m_remote->set("B", "one");
        m_remote->set("C", "two");
        SecretLoader loader(resolver());
        const auto pool = poolWith({"infisical:B"}), candidate = poolWith({"infisical:C"});
        loader.load(pool, Millis(10000));
        loader.use(pool);
        QCOMPARE(shown(loader.load(candidate, Millis(10000))), std::string("k1=two"));
        QCOMPARE(shown(loader.known(*pool)), std::string("k1=one"));
        loader.drop();
        QCOMPARE(shown(loader.known(*candidate)), std::string("k1=-"));
        QCOMPARE(shown(loader.known(*pool)), std::string("k1=one"));
    }

    void manyResolveAtTheSameTime()
    {
        std::vector<std::string> local, remote;
        for (int i = 0; i < 500; ++i) {
            m_env["K_" + std::to_string(i)] = "value-" + std::to_string(i);
            m_remote->set("K_" + std::to_string(i), "value-" + std::to_string(i));
            local.push_back("env:K_" + std::to_string(i));
            remote.push_back("infisical:K_" + std::to_string(i));
        }
        SecretLoader loader(resolver());
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(loader.load(poolWith(local), Millis(60000)).missing, 0);
        const auto localTook = timer.restart();
        m_remote->delay = Millis(20);
        QCOMPARE(loader.load(poolWith(remote), Millis(60000)).missing, 0);
        qInfo("500 keys resolve in %d ms from the environment, in %d ms from a source with 20 ms a call",
              int(localTook), int(timer.elapsed()));
        QVERIFY(timer.elapsed() < 8000); // one after the other they would take 10 s
    }

    void theEndWaitsForNoSourceThatHangs()
    {
        m_remote->delay = Millis(4000);
        QElapsedTimer timer;
        {
            SecretLoader loader(resolver());
            loader.load(poolWith({"infisical:B"}), Millis(100));
            timer.start();
        }
        QVERIFY(timer.elapsed() < 3500);
        QTest::qWait(4200); // the thread ends by itself
    }
};

QTEST_GUILESS_MAIN(SecretLoaderTest)
#include "test_secretloader.moc"
