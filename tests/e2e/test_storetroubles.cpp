// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <QScopeGuard>
#include <QtTest>
#include <fstream>
#include <sys/mount.h>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";
constexpr const char *virtualKeys = "/admin/v1/virtual-keys";

int chatStatus(const Daemon &daemon, const std::string &key)
{
    HttpClient client(daemon.url(), {{"Authorization", "Bearer " + key}});
    return client.post(chat, chatBody("gpt-4")).status;
}

} // namespace

/// What the gateway does when its database cannot be written or read: it says so, and serves on.
class StoreTroublesTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;

    DaemonOptions options(const std::filesystem::path &folder) const
    {
        DaemonOptions options = PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(1)}.options();
        options.folder = folder;
        return options;
    }

private Q_SLOTS:
    void aFullDiskRefusesNewKeysAndServesOn()
    {
        const TemporaryFolder folder;
        if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=2m") != 0)
            QSKIP("mounting is not allowed here");
        const auto unmount = qScopeGuard([&] { umount2(folder.path().c_str(), MNT_DETACH); });
        const Daemon daemon(options(folder.path()));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        {
            std::ofstream filler(folder.path() / "filler");
            while (filler << std::string(4096, 'x') << std::flush) {
            }
        }
        HttpClient admin = daemon.admin();
        // The database has a little room of its own left: minted until it is full.
        HttpResponse answer;
        std::vector<std::string> minted;
        const std::string body = "{\"name\": \"n\", \"metadata\": {\"text\": \"" + std::string(8000, 'm') + "\"}}";
        for (int i = 0; i < 2000; ++i) {
            answer = admin.post(virtualKeys, body);
            if (answer.status != 201)
                break;
            minted.push_back(jsonAt(answer.body, "/key"));
        }
        QCOMPARE(answer.status, 507);
        QCOMPARE(jsonAt(answer.body, "/error/code"), "disk_full");
        QCOMPARE(chatStatus(daemon, daemon.virtualKey()), 200);
        for (const std::string &key : minted)
            QCOMPARE(chatStatus(daemon, key), 200); // answered, so there
        std::filesystem::remove(folder.path() / "filler");
        QCOMPARE(admin.post(virtualKeys, body).status, 201);
        const int listed = int(minted.size()) + 2;
        HttpResponse list = admin.get(std::string(virtualKeys) + "?limit=500");
        QCOMPARE(int(Json::parse(list.body)["items"].size()), listed); // and nothing that was refused
    }

    void aDatabaseThatIsSpoiledWhileTheServerRunsIsSaidAndClientsAreServed()
    {
        const TemporaryFolder folder;
        const Daemon daemon(options(folder.path()));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        // The index of the log, too: with that alone SQLite would go on from what it remembers.
        for (const char *name : {"keymux.db", "keymux.db-wal", "keymux.db-shm"}) {
            std::fstream file(daemon.stateFolder() / name, std::ios::in | std::ios::out | std::ios::binary);
            file << std::string(32 << 10, '#');
        }
        HttpClient admin = daemon.admin();
        const HttpResponse answer = admin.post(virtualKeys, "{\"name\": \"n\"}");
        QVERIFY2(answer.status == 500, answer.body.c_str());
        QVERIFY2(answer.body.find("keymux.db") != std::string::npos, answer.body.c_str());
        for (int i = 0; i < 20; ++i)
            QCOMPARE(chatStatus(daemon, daemon.virtualKey()), 200);
        QVERIFY(daemon.waitForLog("keymux.db"));
        QCOMPARE(admin.get("/admin/v1/state").status, 200);
        QCOMPARE(daemon.client().get("/health/readiness").status, 200);
    }

    void aDatabaseThatCannotBeReadStopsTheStartAndIsNamed()
    {
        const TemporaryFolder folder;
        std::filesystem::create_directories(folder.path() / "state");
        std::filesystem::permissions(folder.path() / "state", std::filesystem::perms::owner_all);
        std::ofstream(folder.path() / "state" / "keymux.db") << std::string(64 << 10, '#');
        DaemonOptions broken = options(folder.path());
        broken.waitReady = false;
        Daemon daemon(broken);
        QCOMPARE(daemon.process().wait(), std::optional<int>(1));
        daemon.process().waitForEnd();
        QVERIFY2(daemon.process().err().find((folder.path() / "state" / "keymux.db").string()) != std::string::npos,
                 daemon.log().c_str());
        std::ifstream file(folder.path() / "state" / "keymux.db");
        QCOMPARE(std::string(std::istreambuf_iterator<char>(file), {}), std::string(64 << 10, '#')); // not overwritten
    }
};

QTEST_GUILESS_MAIN(StoreTroublesTest)
#include "test_storetroubles.moc"
