// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/snapshotdelta.h"

#include <QTest>
#include <algorithm>
#include <rapidcheck.h>

using namespace keymux;

namespace {

constexpr TimePoint t0{Millis(1764028800000)};

DeploymentState deployment(const std::string &id, std::int64_t requests = 0)
{
    DeploymentState d;
    d.id = id;
    d.requests = requests;
    return d;
}

PoolSnapshot snapshot(std::vector<DeploymentState> deployments, std::vector<KeyState> keys = {}, TimePoint at = t0)
{
    return {at, std::move(deployments), std::move(keys)};
}

/// Ids from a few letters, so that they come, go and come back; each at most once, in any order.
PoolSnapshot anySnapshot(TimePoint at)
{
    PoolSnapshot any{.at = at};
    const auto letters = [] {
        std::vector<std::string> ids;
        for (char c = 'a'; c <= 'f'; ++c) {
            if (*rc::gen::inRange(0, 3) > 0)
                ids.insert(ids.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ptrdiff_t(ids.size()) + 1),
                           std::string(1, c));
        }
        return ids;
    };
    for (const std::string &id : letters())
        any.deployments.push_back(deployment(id, *rc::gen::inRange(0, 2)));
    for (const std::string &id : letters())
        any.keys.push_back({.keyId = id, .enabled = *rc::gen::arbitrary<bool>()});
    return any;
}

} // namespace

class SnapshotDeltaTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyWhatChangedIsInADelta()
    {
        SnapshotVersions versions;
        QCOMPARE(versions.version(), 0U);
        const auto one = versions.update(snapshot({deployment("a"), deployment("b"), deployment("c")}));
        const auto two = versions.update(snapshot({deployment("a"), deployment("b", 5), deployment("c")}));
        QVERIFY(two > one);
        const auto delta = versions.since(one);
        QVERIFY(delta);
        QCOMPARE(delta->deployments.changed, std::vector<DeploymentState>{deployment("b", 5)});
        QVERIFY(delta->deployments.removed.empty());
        QVERIFY(!delta->deployments.order);
        QVERIFY(delta->keys.empty());
        QVERIFY(versions.since(two)->empty());
        QVERIFY(!versions.since(two + 1)); // nobody can have seen what is not there yet
    }

    void nothingNewIsNoNewVersion()
    {
        SnapshotVersions versions;
        const auto one = versions.update(snapshot({deployment("a")}));
        QCOMPARE(versions.update(snapshot({deployment("a")}, {}, t0 + Millis(250))), one);
        QCOMPARE(versions.snapshot().at, t0 + Millis(250));
    }

    void whatChangedAndChangedBackIsToldToTheOneWhoSawIt()
    {
        SnapshotVersions versions;
        versions.update(snapshot({deployment("a", 1)}));
        const auto between = versions.update(snapshot({deployment("a", 2)}));
        versions.update(snapshot({deployment("a", 1)}));
        QCOMPARE(versions.since(between)->deployments.changed, std::vector<DeploymentState>{deployment("a", 1)});
    }

    void whatWentIsNamedAndTheOrderIsToldWhenItMatters()
    {
        SnapshotVersions versions;
        const auto one = versions.update(snapshot({deployment("a"), deployment("b"), deployment("c")}));
        versions.update(snapshot({deployment("a"), deployment("c"), deployment("d")}));
        auto delta = versions.since(one)->deployments;
        QCOMPARE(delta.removed, std::vector<std::string>{"b"});
        QCOMPARE(delta.changed, std::vector<DeploymentState>{deployment("d")});
        QVERIFY(!delta.order);
        versions.update(snapshot({deployment("d"), deployment("a"), deployment("c")}));
        delta = versions.since(one)->deployments;
        QCOMPARE(*delta.order, (std::vector<std::string>{"d", "a", "c"}));
    }

    void whoIsTooFarBehindIsToldSo()
    {
        SnapshotVersions versions;
        std::vector<DeploymentState> many;
        for (std::size_t i = 0; i <= VersionedList<DeploymentState>::maxRemoved; ++i)
            many.push_back(deployment("d" + std::to_string(i)));
        const auto one = versions.update(snapshot(std::move(many)));
        const auto two = versions.update(snapshot({}));
        QVERIFY(!versions.since(one));
        QVERIFY(versions.since(two)->empty());
    }

    void aDeltaAppliedToWhatItStartsFromGivesTheNewest()
    {
        QVERIFY(rc::check("patched(snapshot of v, since(v)) == newest, for every v", [] {
            SnapshotVersions versions;
            std::vector<std::pair<std::uint64_t, PoolSnapshot>> seen;
            const int count = *rc::gen::inRange(1, 8);
            for (int i = 0; i < count; ++i) {
                const PoolSnapshot next = anySnapshot(t0 + Millis(i));
                seen.emplace_back(versions.update(next), next);
                RC_ASSERT(versions.snapshot() == next);
                for (const auto &[version, old] : seen) {
                    const auto delta = versions.since(version);
                    RC_ASSERT(delta.has_value());
                    RC_ASSERT(patched(old, *delta) == next);
                    RC_ASSERT(delta->deployments.changed.size() <= next.deployments.size());
                }
            }
        }));
    }
};

QTEST_APPLESS_MAIN(SnapshotDeltaTest)
#include "test_snapshotdelta.moc"
