// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/credentials.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QFile>
#include <filesystem>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint now{Millis(1700000000000)};
const std::string given = "sk-given-0123456789abcdef";

std::string contentOf(const std::filesystem::path &path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

bool isPrivate(const std::filesystem::path &path)
{
    return std::filesystem::status(path).permissions() ==
           (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

} // namespace

/// The first virtual key and the admin token of a state.
class CredentialsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<VirtualKeyStore> m_store;

    std::string state() const { return m_folder->path().string(); }
    Result<std::optional<std::string>> first(std::optional<std::string_view> key = {}, const std::string &file = {})
    {
        return ensureFirstVirtualKey(*m_store, state(), key, file, now);
    }
    bool works(const std::string &clear) const { return VirtualKeyTable(*m_store->all()).find(clear, now) != nullptr; }

private Q_SLOTS:
    void init()
    {
        m_store.reset();
        m_folder = std::make_unique<TemporaryFolder>();
        m_store = std::move(*VirtualKeyStore::open(state()));
    }

    void aMintedKeyIsStoredAsADigestOnly()
    {
        const auto minted = mintVirtualKey(*m_store, {.name = "a", .models = {"gpt-4*"}}, now);
        QVERIFY(minted.has_value());
        QCOMPARE(minted->clear.size(), std::size_t(46));
        QVERIFY(minted->clear.starts_with("sk-"));
        QVERIFY(minted->clear.ends_with(minted->key.hint));
        QVERIFY(works(minted->clear));
        m_store.reset();
        for (const auto &file : std::filesystem::directory_iterator(m_folder->path()))
            QVERIFY(contentOf(file.path()).find(minted->clear) == std::string::npos);
    }

    void noTwoKeysAreAlike()
    {
        std::vector<std::string> clears;
        for (int i = 0; i < 50; ++i)
            clears.push_back(mintVirtualKey(*m_store, {}, now)->clear);
        std::sort(clears.begin(), clears.end());
        QVERIFY(std::adjacent_find(clears.begin(), clears.end()) == clears.end());
    }

    void aNewStateGetsOneKeyInAPrivateFile()
    {
        const auto minted = first();
        QVERIFY(minted && *minted);
        QVERIFY(works(**minted));
        QCOMPARE(contentOf(m_folder->path() / "virtual-key"), **minted + "\n");
        QVERIFY(isPrivate(m_folder->path() / "virtual-key"));
        QCOMPARE(m_store->all()->at(0).name, std::string("default"));
        QVERIFY(!first()->has_value()); // the second start has one
        QCOMPARE(m_store->all()->size(), std::size_t(1));
    }

    void aStartThatWasCutShortIsTakenUpAgain()
    {
        const std::string clear = **first();
        m_store.reset();
        for (const char *file : {"keymux.db", "keymux.db-wal", "keymux.db-shm"})
            std::filesystem::remove(m_folder->path() / file); // as if killed between the file and the database
        m_store = std::move(*VirtualKeyStore::open(state()));
        const auto again = first();
        QVERIFY(again && *again);
        QCOMPARE(**again, clear);
        QVERIFY(works(clear));
    }

    void aTornKeyFileIsReplaced()
    {
        for (const char *text : {"", "sk-", "garbage\n", "sk-with space 0123456789"}) {
            init();
            QFile file(QString::fromStdString(state() + "/virtual-key"));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text);
            file.close();
            const auto minted = first();
            QVERIFY(minted && *minted);
            QCOMPARE((*minted)->size(), std::size_t(46));
        }
    }

    void anOperatorWhoDeletedTheClearCopyKeepsTheKey()
    {
        const std::string clear = **first();
        std::filesystem::remove(m_folder->path() / "virtual-key");
        QVERIFY(!first()->has_value());
        QVERIFY(!std::filesystem::exists(m_folder->path() / "virtual-key"));
        QVERIFY(works(clear));
    }

    void aGivenKeyWorksHoweverOftenItIsGiven()
    {
        for (int i = 0; i < 3; ++i)
            QVERIFY(!first(given)->has_value()); // nothing to print: its owner knows it
        QVERIFY(works(given));
        QCOMPARE(m_store->all()->size(), std::size_t(1));
        QVERIFY(!std::filesystem::exists(m_folder->path() / "virtual-key"));
        QVERIFY(first("sk-another-0123456789abcdef"));
        QVERIFY(works(given) && works("sk-another-0123456789abcdef"));
    }

    void aGivenKeyIsWrittenWhereItWasAskedFor()
    {
        const auto file = m_folder->path() / "asked-for";
        QCOMPARE(first(given, file.string())->value(), given);
        QCOMPARE(contentOf(file), given + "\n");
        QVERIFY(isPrivate(file));
    }

    void aRevokedGivenKeyStaysRevoked()
    {
        QVERIFY(first(given));
        QVERIFY(m_store->revoke(m_store->all()->at(0).id, now));
        QVERIFY(first(given));
        QVERIFY(!works(given));
    }

    void aPoorGivenKeyIsRefusedWithoutBeingShown()
    {
        for (const std::string &poor : {std::string(), std::string("short"), std::string("with spaces in the middle"),
                                        std::string("line\nfeed-0123456789"), std::string(600, 'x')}) {
            const auto result = first(poor);
            QVERIFY(!result);
            QCOMPARE(result.error().code, std::string("bad_virtual_key"));
            QVERIFY(poor.empty() || result.error().message.find(poor) == std::string::npos);
            QCOMPARE(ensureAdminToken(state(), poor).error().code, std::string("bad_admin_token"));
        }
        QVERIFY(m_store->all()->empty());
    }

    void theAdminTokenStaysTheSame()
    {
        const auto token = ensureAdminToken(state(), {});
        QVERIFY(token.has_value());
        QVERIFY(token->reveal().size() >= 40);
        QVERIFY(isPrivate(m_folder->path() / "admin-token"));
        QVERIFY(ensureAdminToken(state(), {})->equals(token->reveal()));
        QVERIFY(ensureAdminToken(state(), "given-0123456789abcdef")->equals("given-0123456789abcdef"));
        QVERIFY(ensureAdminToken(state(), {})->equals(token->reveal()));
    }

    void aFolderThatIsGoneIsSaid()
    {
        const auto result = ensureAdminToken(state() + "/nowhere", {});
        QVERIFY(!result);
        QVERIFY(result.error().message.find("/nowhere/admin-token") != std::string::npos);
        QVERIFY(result.error().message.find("No such file") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(CredentialsTest)
#include "test_credentials.moc"
