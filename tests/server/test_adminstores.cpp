// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/auditlog.h"
#include "store/overridestore.h"
#include "store/revisionstore.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QTest>

using namespace keymux;
using namespace keymux::testing;

/// What operators did, kept over restarts.
class AdminStoresTest : public QObject {
    Q_OBJECT

private:
    static TimePoint at(int ms) { return TimePoint(Millis(1700000000000LL + ms)); }
    static std::shared_ptr<Database> open(const TemporaryFolder &folder)
    {
        return Database::open(folder.path().string()).value();
    }

private Q_SLOTS:
    void revisionsAreListedNewestFirstAndReadWithTheirText()
    {
        const TemporaryFolder folder;
        {
            auto store = RevisionStore::open(open(folder)).value();
            for (int i = 1; i <= 5; ++i) {
                const auto n = store->add({0, at(i), "file", "change " + std::to_string(i), "// " + std::to_string(i)});
                QCOMPARE(n.value(), i);
            }
        }
        auto store = RevisionStore::open(open(folder)).value();
        QCOMPARE(store->find(3).value().text, std::string("// 3"));
        QCOMPARE(store->find(3).value().at, at(3));
        QCOMPARE(store->find(6).error().code, std::string("not_found"));
        QCOMPARE(store->newest().value()->summary, std::string("change 5"));
        const auto page = store->list(4, 2).value();
        QCOMPARE(page.size(), std::size_t(2));
        QCOMPARE(page[0].n, 3);
        QCOMPARE(page[1].n, 2);
        QVERIFY(page[0].text.empty());
        QVERIFY(store->remove(5).has_value());
        QCOMPARE(store->newest().value()->n, 4);
        QCOMPARE(store->add({0, at(9), "file", "again", "{}"}).value(), 6); // a number is never used twice
    }

    void onlySoManyRevisionsAreKept()
    {
        const TemporaryFolder folder;
        auto database = open(folder);
        auto store = RevisionStore::open(database).value();
        const auto added = database->inTransaction("test", [&]() -> Result<void> {
            for (int i = 0; i < RevisionStore::kept + 30; ++i) {
                if (auto n = store->add({0, at(i), "file", "", "{}"}); !n)
                    return tl::unexpected(n.error());
            }
            return {};
        });
        QVERIFY(added.has_value());
        QCOMPARE(store->list(std::nullopt, 1000).value().size(), std::size_t(RevisionStore::kept));
        QVERIFY(!store->find(30).has_value());
        QVERIFY(store->find(31).has_value());
        // By bytes, too; the newest stays whatever its size.
        const std::string large(std::size_t(RevisionStore::keptBytes) - 100, 'x');
        QVERIFY(store->add({0, at(1), "file", "", large}).has_value());
        QCOMPARE(store->list(std::nullopt, 1000).value().size(), std::size_t(51));
        QVERIFY(store->add({0, at(1), "file", "", large}).has_value());
        QCOMPARE(store->list(std::nullopt, 1000).value().size(), std::size_t(1));
    }

    void overridesOutliveTheProcess()
    {
        const TemporaryFolder folder;
        {
            auto store = OverrideStore::open(open(folder)).value();
            QVERIFY(store->disable("key-1", at(1)).has_value());
            QVERIFY(store->disable("key-1", at(2)).has_value());
            QVERIFY(store->disable("key-2", at(3)).has_value());
            QVERIFY(store->enable("key-2").has_value());
            QVERIFY(store->enable("key-3").has_value());
        }
        QCOMPARE(OverrideStore::open(open(folder)).value()->disabled().value(), std::set<std::string>{"key-1"});
    }

    void theAuditLogIsBoundedAndPaged()
    {
        const TemporaryFolder folder;
        auto database = open(folder);
        auto log = AuditLog::open(database).value();
        QVERIFY(log->add("admin", "key.disable", std::string(1000, 'k'), "10.0.0.1", at(7)).has_value());
        QCOMPARE(log->list(std::nullopt, 5).value().at(0).subject.size(), std::size_t(256));
        const auto added = database->inTransaction("test", [&]() -> Result<void> {
            for (int i = 0; i < AuditLog::kept; ++i) {
                if (auto done = log->add("admin", "key.enable", "k" + std::to_string(i), "10.0.0.1", at(i)); !done)
                    return done;
            }
            return {};
        });
        QVERIFY(added.has_value());
        QCOMPARE(log->list(std::nullopt, 100000).value().size(), std::size_t(AuditLog::kept));
        const auto page = log->list(100, 2).value();
        QCOMPARE(page[0], (AuditEntry{99, at(97), "admin", "key.enable", "k97", "10.0.0.1"}));
    }
};

QTEST_GUILESS_MAIN(AdminStoresTest)
#include "test_adminstores.moc"
