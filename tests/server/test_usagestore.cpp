// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usagestore.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QTest>

using namespace keymux;
using namespace keymux::testing;
using std::chrono::hours;

namespace {

TimePoint at(int hour)
{
    return TimePoint(hours(480'000 + hour)); // an hour that begins a day
}

/// A request of that virtual key for a model the pool has no deployment of: no key, and here the model does not matter.
RequestTrace trace(int hour, const std::string &virtualKey, std::int64_t prompt, std::int64_t completion)
{
    RequestTrace trace;
    trace.virtualKeyId = virtualKey;
    trace.endedAt = at(hour) + std::chrono::minutes(10);
    trace.usage = TokenUsage{.prompt = prompt, .completion = completion, .total = prompt + completion};
    trace.costUsd = double(prompt + completion) / 1000;
    return trace;
}

UsageQuery everything(std::vector<UsageGroup> groups = {})
{
    UsageQuery query;
    query.to = at(1'000'000);
    query.groups = std::move(groups);
    return query;
}

std::unique_ptr<UsageStore> open(const TemporaryFolder &folder, UsageRetention retention = {})
{
    return UsageStore::open(Database::open(folder.path().string()).value(), retention).value();
}

/// `value … requests/tokens`, one item a line.
std::string shown(const UsageReport &report)
{
    std::string text;
    for (const UsageItem &item : report.items) {
        for (const auto &value : item.values) {
            if (const auto *time = std::get_if<TimePoint>(&value))
                text += std::to_string((*time - at(0)) / hours(1)) + ' ';
            else
                text += std::get<std::string>(value) + ' ';
        }
        text += std::to_string(item.figures.requests) + '/' + std::to_string(item.figures.totalTokens) + '\n';
    }
    return text;
}

} // namespace

/// Hourly sums of what was used.
class UsageStoreTest : public QObject {
    Q_OBJECT

private:
    static void fill(UsageStore &store)
    {
        store.note(trace(0, "a", 1, 1));
        store.note(trace(0, "a", 2, 2));
        store.note(trace(0, "b", 10, 10));
        store.note(trace(23, "a", 100, 100));
        store.note(trace(24, "b", 1000, 1000));
    }

private Q_SLOTS:
    void sumsAreByGroupNewestFirst()
    {
        const TemporaryFolder folder;
        auto store = open(folder);
        fill(*store);
        QVERIFY(store->write(at(25)).has_value());
        QCOMPARE(shown(store->report(everything({UsageGroup::VirtualKey, UsageGroup::Hour})).value()),
                 std::string("b 24 1/2000\na 23 1/200\na 0 2/6\nb 0 1/20\n"));
        QCOMPARE(shown(store->report(everything({UsageGroup::Day})).value()), std::string("24 1/2000\n0 4/226\n"));
        QCOMPARE(shown(store->report(everything({UsageGroup::VirtualKey})).value()),
                 std::string("a 3/206\nb 2/2020\n"));
        const UsageReport all = store->report(everything()).value();
        QCOMPARE(shown(all), std::string("5/2226\n"));
        QVERIFY(all.items.front().figures == all.total);
        QCOMPARE(all.total.promptTokens, 1113);
        QVERIFY(std::abs(all.total.costUsd - 2.226) < 1e-9);
        QCOMPARE(all.total.priced, 5);
    }

    void rowsGrowAndOutliveTheProcess()
    {
        const TemporaryFolder folder;
        for (int i = 0; i < 3; ++i) {
            auto store = open(folder);
            fill(*store);
            QVERIFY(store->write(at(25)).has_value());
            QVERIFY(store->write(at(25)).has_value()); // nothing is written twice
        }
        QCOMPARE(shown(open(folder)->report(everything({UsageGroup::VirtualKey})).value()),
                 std::string("a 9/618\nb 6/6060\n"));
    }

    void timesAndFiltersNarrowItemsAndTotal()
    {
        const TemporaryFolder folder;
        auto store = open(folder);
        fill(*store);
        QVERIFY(store->write(at(25)).has_value());
        UsageQuery query = everything({UsageGroup::VirtualKey});
        query.from = at(1);
        query.to = at(24);
        QCOMPARE(shown(store->report(query).value()), std::string("a 1/200\n"));
        QCOMPARE(store->report(query).value().total.requests, 1);
        query = everything({UsageGroup::VirtualKey});
        query.virtualKeys = {"b", "nobody"};
        QCOMPARE(shown(store->report(query).value()), std::string("b 2/2020\n"));
        query.virtualKeys = {"nobody' OR 1=1 --"};
        QVERIFY(store->report(query).value().items.empty());
        QCOMPARE(store->report(query).value().total.requests, 0);
    }

    void pagesGoOnBehindTheLastItem()
    {
        const TemporaryFolder folder;
        auto store = open(folder);
        for (int hour = 0; hour < 5; ++hour) {
            for (const char *name : {"a", "b"})
                store->note(trace(hour, name, hour, 0));
        }
        QVERIFY(store->write(at(9)).has_value());
        UsageQuery query = everything({UsageGroup::VirtualKey, UsageGroup::Hour});
        const std::string whole = shown(store->report(query).value());
        QCOMPARE(store->report(query).value().next, std::string());
        query.limit = 3;
        std::string pages;
        int count = 0;
        do {
            const UsageReport page = store->report(query).value();
            QCOMPARE(page.total.requests, 10);
            pages += shown(page);
            query.cursor = page.next;
            ++count;
        } while (!query.cursor.empty() && count < 9);
        QCOMPARE(pages, whole);
        QCOMPARE(count, 4);
        for (const char *cursor : {"x", "!", "e30", "WyJhIl0", "WzEsMl0"}) {
            query.cursor = cursor;
            QCOMPARE(store->report(query).error().code, std::string("bad_cursor"));
        }
    }

    void whatIsNotWrittenYetIsInEveryReport()
    {
        const TemporaryFolder folder;
        auto store = open(folder);
        fill(*store);
        QVERIFY(store->write(at(25)).has_value());
        fill(*store);
        const std::string twice("a 6/412\nb 4/4040\n");
        QCOMPARE(shown(store->report(everything({UsageGroup::VirtualKey})).value()), twice);
        QCOMPARE(shown(store->report(everything({UsageGroup::VirtualKey})).value()), twice); // asking changes nothing
        QVERIFY(store->write(at(25)).has_value());
        QCOMPARE(shown(store->report(everything({UsageGroup::VirtualKey})).value()), twice);
    }

    void aFullDiskLosesNothing()
    {
        const TemporaryFolder folder;
        auto database = Database::open(folder.path().string()).value();
        auto store = UsageStore::open(database, {}).value();
        fill(*store);
        QVERIFY(store->write(at(25)).has_value());
        // As many pages as there are: whatever needs one more fails as it does on a full disk.
        QVERIFY(database->run(QStringLiteral("PRAGMA max_page_count=1"), {}, "test").has_value());
        for (int i = 0; i < 2000; ++i)
            store->note(trace(25, "virtual-key-" + std::to_string(i), 1, 0));
        QCOMPARE(store->write(at(25)).error().code, std::string("disk_full"));
        QCOMPARE(store->report(everything()).value().total.requests, 2005);
        QVERIFY(database->run(QStringLiteral("PRAGMA max_page_count=1000000"), {}, "test").has_value());
        QVERIFY(store->write(at(25)).has_value());
        store.reset();
        QCOMPARE(UsageStore::open(database, {}).value()->report(everything()).value().total.requests, 2005);
    }

    void oldDaysAreLetGo()
    {
        const TemporaryFolder folder;
        auto store = open(folder, {.days = 2});
        fill(*store);
        QVERIFY(store->write(at(25)).has_value());
        QCOMPARE(store->report(everything()).value().total.requests, 5);
        QVERIFY(store->write(at(49)).has_value());
        QCOMPARE(shown(store->report(everything({UsageGroup::Hour})).value()), std::string("24 1/2000\n23 1/200\n"));
        QVERIFY(store->write(at(480)).has_value());
        QVERIFY(store->report(everything()).value().items.empty());
    }

    void soAreTheOldestHoursWhenThereAreTooManyRows()
    {
        const TemporaryFolder folder;
        auto store = open(folder, {.rows = 25});
        for (int hour = 0; hour < 4; ++hour) {
            for (int i = 0; i < 10; ++i)
                store->note(trace(hour, "vk_" + std::to_string(i), 1, 0));
        }
        QVERIFY(store->write(at(3)).has_value());
        QCOMPARE(shown(store->report(everything({UsageGroup::Hour})).value()), std::string("3 10/10\n2 10/10\n"));
        // The hour that runs stays, whatever is in it.
        for (int i = 0; i < 100; ++i)
            store->note(trace(4, "vk_" + std::to_string(i), 1, 0));
        QVERIFY(store->write(at(4)).has_value());
        QCOMPARE(shown(store->report(everything({UsageGroup::Hour})).value()), std::string("4 100/100\n"));
    }
};

QTEST_APPLESS_MAIN(UsageStoreTest)
#include "test_usagestore.moc"
