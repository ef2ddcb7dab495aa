// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/filewatch.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QSignalSpy>
#include <filesystem>
#include <fstream>

using namespace keymux;
using namespace keymux::testing;
namespace fs = std::filesystem;

/// Changes of files as editors, deployments and Kubernetes make them.
class FileWatchTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<FileWatch> m_watch;
    std::unique_ptr<QSignalSpy> m_changes;

    fs::path at(const char *name) const { return m_folder->path() / name; }
    static void write(const fs::path &path, const std::string &text) { std::ofstream(path) << text; }
    void watch(std::vector<std::string> paths)
    {
        m_watch = std::make_unique<FileWatch>();
        m_changes = std::make_unique<QSignalSpy>(m_watch.get(), &FileWatch::changed);
        m_watch->watch(std::move(paths));
    }
    /// Another change, of which is known that it is told, measures the time in which this one must not be.
    bool staysQuiet()
    {
        FileWatch other;
        QSignalSpy told(&other, &FileWatch::changed);
        write(at("other"), "1");
        other.watch({at("other").string()});
        write(at("other"), "other");
        return told.wait(5000) && m_changes->isEmpty();
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }
    void cleanup()
    {
        m_changes.reset();
        m_watch.reset();
    }

    void aChangeIsToldWithinHalfASecond_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("written again") << 0;
        QTest::newRow("replaced by rename") << 1;
        QTest::newRow("appended to") << 2;
        QTest::newRow("removed") << 3;
        QTest::newRow("same size, same second") << 4;
    }

    void aChangeIsToldWithinHalfASecond()
    {
        QFETCH(int, how);
        write(at("config"), "first");
        watch({at("config").string()});
        QElapsedTimer timer;
        timer.start();
        switch (how) {
        case 0:
            write(at("config"), "a longer second");
            break;
        case 1:
            write(at("config.new"), "first");
            fs::rename(at("config.new"), at("config"));
            break;
        case 2:
            std::ofstream(at("config"), std::ios::app) << "more";
            break;
        case 3:
            fs::remove(at("config"));
            break;
        default:
            write(at("config"), "tsrif");
        }
        QVERIFY(m_changes->wait(5000));
        QVERIFY2(timer.elapsed() < 500, std::to_string(timer.elapsed()).c_str());
        QVERIFY(staysQuiet() || m_changes->count() == 1);
    }

    void aConfigMapsSymlinkSwapIsSeen()
    {
        // Kubernetes mounts config -> ..data/config, ..data -> a dated folder, and swaps ..data by rename.
        for (const char *dated : {"..2026_01", "..2026_02"}) {
            fs::create_directory(at(dated));
            write(at(dated) / "config", "same text");
        }
        fs::create_directory_symlink("..2026_01", at("..data"));
        fs::create_symlink("..data/config", at("config"));
        watch({at("config").string()});
        fs::create_directory_symlink("..2026_02", at("..data_tmp"));
        fs::rename(at("..data_tmp"), at("..data"));
        QVERIFY(m_changes->wait(5000));
        QCOMPARE(m_changes->count(), 1);
    }

    void aFileThatAppearsIsSeen()
    {
        watch({at("later").string()});
        QVERIFY(staysQuiet());
        write(at("later"), "here");
        QVERIFY(m_changes->wait(5000));
    }

    void nothingIsToldOfWhatDidNotChange()
    {
        write(at("config"), "first");
        watch({at("config").string(), at("missing").string()});
        write(at("beside"), "not watched");
        QVERIFY(staysQuiet());
        m_watch->watch({});
        write(at("config"), "no longer watched");
        QVERIFY(staysQuiet());
    }

    void whatIsKnownAlreadyIsNotTold()
    {
        write(at("config"), "first");
        write(at("beside"), "1");
        watch({at("beside").string(), at("config").string()});
        write(at("config"), "ours and longer");
        m_watch->know(at("config"), [] { return true; });
        QVERIFY(staysQuiet());
        // Somebody else's change after the question is one, and so is what is not ours.
        write(at("config"), "ours again");
        m_watch->know(at("config"), [&] {
            write(at("config"), "theirs, at the same moment");
            return true;
        });
        QVERIFY(m_changes->wait(5000));
        write(at("config"), "not ours");
        m_watch->know(at("config"), [] { return false; });
        QVERIFY(m_changes->wait(5000));
        m_watch->know(at("other"), [] { return true; }); // not watched: nothing to know
        write(at("beside"), "changed");
        QVERIFY(m_changes->wait(5000));
        QCOMPARE(m_changes->count(), 3);
    }

    void aFileThatIsStillBeingWrittenIsLeftAlone()
    {
        write(at("config"), "first");
        watch({at("config").string()});
        std::ofstream slow(at("config"), std::ios::app);
        QTimer writer;
        int pieces = 0;
        connect(&writer, &QTimer::timeout, this, [&] {
            slow << "piece" << std::flush;
            if (++pieces == 12)
                writer.stop();
        });
        writer.start(50);
        QVERIFY(m_changes->wait(5000));
        QCOMPARE(pieces, 12);
        QCOMPARE(m_changes->count(), 1);
    }

    void severalFilesAreOneChange()
    {
        write(at("cert"), "1");
        write(at("key"), "1");
        watch({at("cert").string(), at("key").string()});
        write(at("cert"), "new cert");
        write(at("key"), "new key");
        QVERIFY(m_changes->wait(5000));
        QVERIFY(m_changes->count() == 1);
    }
};

QTEST_GUILESS_MAIN(FileWatchTest)
#include "test_filewatch.moc"
