// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/poolkeeper.h"
#include "core/router.h"
#include "store/poolmemorystore.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QTest>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint noon{Millis(1'767'700'800'000)};

RestMemory rest(RestMemory::Holder holder, std::string subject)
{
    RestMemory memory;
    memory.holder = holder;
    memory.subject = std::move(subject);
    memory.reason = RestReason::DayQuota;
    memory.startedAt = noon;
    memory.until = noon + Millis(3600000);
    memory.needsTrial = true;
    memory.hits = 3;
    memory.secretVersion = 0xfedcba9876543210;
    return memory;
}

std::shared_ptr<const Router> routerOf(int keys)
{
    PoolConfig config;
    config.providers.emplace_back();
    Provider &provider = config.providers.front();
    provider.name = "p";
    for (int i = 0; i < keys; ++i) {
        KeyEntry key;
        key.keyId = "k" + std::to_string(i);
        key.models.emplace_back();
        key.models.front().model = "m";
        key.models.front().endpoints = {Endpoint::Chat};
        provider.keys.push_back(std::move(key));
    }
    return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
}

void callEach(KeyPool &pool, const std::shared_ptr<const Router> &router, TimePoint now)
{
    AcquireRequest request;
    request.router = router.get();
    request.plan = router->route("m", Endpoint::Chat).plan;
    for (std::size_t i = 0; i < router->deployments().size(); ++i) {
        const auto lease = pool.acquire(request, now);
        pool.markSent(*lease, now);
        pool.settle(*lease, Feedback{}, now);
    }
}

} // namespace

/// What the key pool remembers, on disk.
class PoolMemoryStoreTest : public QObject {
    Q_OBJECT

private:
    static std::shared_ptr<Database> open(const TemporaryFolder &folder)
    {
        return Database::open(folder.path().string()).value();
    }

private Q_SLOTS:
    void everyKindOfRestComesBackAsItWas()
    {
        const TemporaryFolder folder;
        std::vector<RestMemory> rests;
        for (int i = 0; i <= int(RestMemory::Holder::Provider); ++i)
            rests.push_back(rest(RestMemory::Holder(i), "p\nname"));
        RestMemory embeddings = rest(RestMemory::Holder::Endpoint, "p\nname");
        embeddings.endpoint = Endpoint::Embeddings;
        rests.push_back(embeddings);
        for (int i = 0; i <= int(RestReason::AddressLimit); ++i) {
            RestMemory one = rest(RestMemory::Holder::Key, "p\nk" + std::to_string(i));
            one.reason = RestReason(i);
            rests.push_back(one);
        }
        const DayMemory day{"p\nk\na\nm", 17, noon + Millis(1000)};
        QVERIFY(PoolMemoryStore::open(open(folder)).value()->write({{day}, rests}, noon).has_value());
        const PoolMemory read = PoolMemoryStore::open(open(folder)).value()->load().value();
        QCOMPARE(read.days, std::vector<DayMemory>{day});
        QCOMPARE(read.rests.size(), rests.size());
        for (const RestMemory &one : rests)
            QVERIFY(std::count(read.rests.begin(), read.rests.end(), one) == 1);
    }

    void whatHasEndedIsRemoved()
    {
        const TemporaryFolder folder;
        auto store = PoolMemoryStore::open(open(folder)).value();
        const RestMemory first = rest(RestMemory::Holder::Key, "a"), second = rest(RestMemory::Holder::Key, "b");
        QVERIFY(
            store->write({{{"old", 1, noon + Millis(1)}, {"new", 1, noon + Millis(9000)}}, {{first, second}}}, noon));
        QVERIFY(store->write({{}, {{second}}}, noon + Millis(5000)));
        auto again = PoolMemoryStore::open(open(folder)).value();
        QCOMPARE(again->load().value(), (PoolMemory{{{"new", 1, noon + Millis(9000)}}, {second}}));
        QVERIFY(again->write({{}, std::vector<RestMemory>{}}, noon)); // also what an earlier process wrote
        QVERIFY(again->load().value().rests.empty());
    }

    void ofSecretsOnlyThisStateCanTellThatOneChanged()
    {
        const TemporaryFolder folder, other;
        const std::uint64_t version = 0x1234567890abcdef;
        const std::uint64_t sealed = PoolMemoryStore::open(open(folder)).value()->sealed(version);
        QVERIFY(sealed != version);
        auto again = PoolMemoryStore::open(open(folder)).value();
        QCOMPARE(again->sealed(version), sealed);
        QVERIFY(again->sealed(version + 1) != sealed);
        QCOMPARE(again->sealed(0), std::uint64_t(0));
        QVERIFY(PoolMemoryStore::open(open(other)).value()->sealed(version) != sealed);
    }

    void theKeeperWritesWithinASecondAndInPieces()
    {
        const TemporaryFolder folder;
        auto database = open(folder);
        const auto router = routerOf(3000);
        {
            SharedPool pool;
            auto store = PoolMemoryStore::open(database).value();
            PoolKeeper keeper(pool, *store);
            pool.with([&](KeyPool &keys) { keys.reconfigure(router, {}, noon); });
            keeper.restore(noon);
            pool.with([&](KeyPool &keys) { callEach(keys, router, noon); });
            keeper.tick(noon + Millis(500));
            QVERIFY(store->load().value().days.empty());
            keeper.tick(noon + Millis(750));
            QCOMPARE(store->load().value().days.size(), std::size_t(2500));
            keeper.tick(noon + Millis(1500));
            QCOMPARE(store->load().value().days.size(), std::size_t(3000));
        }
        SharedPool pool;
        auto store = PoolMemoryStore::open(database).value();
        PoolKeeper keeper(pool, *store);
        pool.with([&](KeyPool &keys) { keys.reconfigure(router, {}, noon + Millis(2000)); });
        keeper.restore(noon + Millis(2000));
        for (const DeploymentState &s : pool.with([](KeyPool &keys) { return keys.snapshot(noon); }).deployments)
            QCOMPARE(s.rpd.used, 1);
    }

    void whatCouldNotBeStoredIsStoredLater()
    {
        const TemporaryFolder folder;
        auto database = open(folder);
        SharedPool pool;
        auto store = PoolMemoryStore::open(database).value();
        PoolKeeper keeper(pool, *store);
        const auto router = routerOf(2);
        pool.with([&](KeyPool &keys) { keys.reconfigure(router, {}, noon); });
        keeper.restore(noon);
        pool.with([&](KeyPool &keys) { callEach(keys, router, noon); });
        QVERIFY(database->run(QStringLiteral("ALTER TABLE pool_days RENAME TO away"), {}, "test").has_value());
        keeper.store(noon);
        keeper.store(noon);
        QVERIFY(database->run(QStringLiteral("ALTER TABLE away RENAME TO pool_days"), {}, "test").has_value());
        keeper.store(noon);
        const auto days = store->load().value().days;
        QCOMPARE(days.size(), std::size_t(2));
        QCOMPARE(days.at(0).used, 1);
    }
};

QTEST_GUILESS_MAIN(PoolMemoryStoreTest)
#include "test_poolmemorystore.moc"
