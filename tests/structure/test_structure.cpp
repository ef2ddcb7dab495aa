// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the house that a compiler does not check (docs/STYLE.md, docs/ARCHITECTURE.md).
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QtTest>
#include <map>
#include <set>
#include <utility>

namespace {

const QString root = QStringLiteral(KEYMUX_SOURCE_DIR);

/// Files longer than a file should be, each with its reason.
const std::set<QString> longFiles;

QString contentOf(const QString &path)
{
    QFile file(root + u'/' + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// Paths below these folders, relative to the source tree, without what builds and package managers put there.
QStringList filesIn(const QStringList &folders, const QStringList &names = {})
{
    QStringList paths;
    for (const QString &folder : folders) {
        QDirIterator it(root + u'/' + folder, names, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            const QString path = it.next().mid(root.size() + 1);
            if (!path.contains(QStringLiteral("/node_modules/")) && !path.contains(QStringLiteral("/__pycache__/")))
                paths.append(path);
        }
    }
    paths.sort();
    return paths;
}

const QStringList ownFolders{QStringLiteral("shared"), QStringLiteral("server"), QStringLiteral("gui"),
                             QStringLiteral("tests"),  QStringLiteral("cmake"),  QStringLiteral(".ci")};

QStringList sourcesIn(const QStringList &folders)
{
    return filesIn(folders, {QStringLiteral("*.cpp"), QStringLiteral("*.h")});
}

QStringList includesOf(const QString &path)
{
    static const QRegularExpression include(QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"),
                                            QRegularExpression::MultilineOption);
    QStringList names;
    auto matches = include.globalMatch(contentOf(path));
    while (matches.hasNext())
        names.append(matches.next().captured(1));
    return names;
}

/// Code without comments and strings, so that words in them are free.
QString codeOf(const QString &path)
{
    static const QRegularExpression noise(QStringLiteral("//[^\\n]*|/\\*.*?\\*/|\"(?:[^\"\\\\\\n]|\\\\.)*\""),
                                          QRegularExpression::DotMatchesEverythingOption);
    return contentOf(path).remove(noise);
}

/// The libraries a program asks for, by `tool`.
QString librariesOf(const QString &tool, const QStringList &arguments)
{
    QProcess process;
    process.start(tool, arguments);
    if (!process.waitForFinished(30000) || process.exitCode() != 0)
        return {};
    return QString::fromUtf8(process.readAllStandardOutput());
}

} // namespace

class TestStructure : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSourcesAreWhereThisTestLooks()
    {
        QVERIFY(sourcesIn({QStringLiteral("shared")}).size() > 40);
        QVERIFY(sourcesIn({QStringLiteral("server")}).size() > 40);
        QVERIFY(includesOf(QStringLiteral("shared/core/router.cpp")).contains(QStringLiteral("core/router.h")));
    }

    void everySourceSaysItsLicense()
    {
        QStringList paths = sourcesIn(ownFolders);
        paths += filesIn(ownFolders, {QStringLiteral("*.mjs"), QStringLiteral("*.py"), QStringLiteral("*.sh"),
                                      QStringLiteral("*.cmake"), QStringLiteral("CMakeLists.txt")});
        paths += filesIn({QStringLiteral(".ci")});
        paths += {QStringLiteral("CMakeLists.txt"), QStringLiteral("quickstart"), QStringLiteral(".clang-format"),
                  QStringLiteral(".clang-tidy")};
        QStringList without;
        for (const QString &path : std::as_const(paths)) {
            const QStringList lines = contentOf(path).split(u'\n');
            // On top, or right below `#!`.
            const QString line = lines.value(lines.value(0).startsWith(QStringLiteral("#!")) ? 1 : 0);
            if (!line.endsWith(QStringLiteral("SPDX-License-Identifier: GPL-3.0-or-later")))
                without.append(path);
        }
        QVERIFY2(without.isEmpty(), qUtf8Printable(without.join(u'\n')));
    }

    void filesStayShort()
    {
        QStringList tooLong;
        QStringList paths = sourcesIn(ownFolders);
        paths += filesIn({QStringLiteral("tests")}, {QStringLiteral("*.mjs")});
        for (const QString &path : std::as_const(paths)) {
            const auto lines = contentOf(path).count(u'\n');
            const int most = path.startsWith(QStringLiteral("tests/")) ? 500 : 400;
            if (lines > most && !longFiles.contains(path))
                tooLong.append(path + QStringLiteral(" has %1 lines").arg(lines));
        }
        QVERIFY2(tooLong.isEmpty(), qUtf8Printable(tooLong.join(u'\n')));
    }

    void noFolderIsACatchAll()
    {
        static const std::set<QString> names{QStringLiteral("utils"), QStringLiteral("util"), QStringLiteral("misc"),
                                             QStringLiteral("helpers"), QStringLiteral("common")};
        for (const QString &path : filesIn(ownFolders)) {
            const QStringList parts = path.split(u'/');
            for (const QString &part : parts)
                QVERIFY2(!names.contains(part.section(u'.', 0, 0).toLower()), qUtf8Printable(path));
        }
    }

    void layersIncludeOnlyWhatIsBelowThem_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QStringList>("allowed");
        const QString core = QStringLiteral("core"), dialects = QStringLiteral("dialects"),
                      secrets = QStringLiteral("secrets");
        QTest::newRow("core") << QStringLiteral("shared/core") << QStringList{core};
        QTest::newRow("dialects") << QStringLiteral("shared/dialects") << QStringList{core, dialects};
        QTest::newRow("secrets") << QStringLiteral("shared/secrets") << QStringList{core, secrets};
        QStringList server{core, dialects, secrets};
        server += QDir(root + QStringLiteral("/server")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QTest::newRow("server") << QStringLiteral("server") << server;
        QStringList gui{core, secrets};
        gui += QDir(root + QStringLiteral("/gui")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QTest::newRow("gui") << QStringLiteral("gui") << gui;
    }
    void layersIncludeOnlyWhatIsBelowThem()
    {
        QFETCH(QString, folder);
        QFETCH(QStringList, allowed);
        QStringList ours;
        for (const char *layer : {"shared", "server", "gui"})
            ours += QDir(root + u'/' + QString::fromLatin1(layer)).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        for (const QString &path : sourcesIn({folder})) {
            for (const QString &include : includesOf(path)) {
                const QString first = include.section(u'/', 0, 0);
                const bool foreign = include.contains(u'/') && ours.contains(first) && !allowed.contains(first);
                QVERIFY2(!foreign && !include.startsWith(QStringLiteral("..")),
                         qUtf8Printable(path + QStringLiteral(" includes ") + include));
            }
        }
    }

    void whatDecidesIsPure()
    {
        // Qt's value types; each new one is a decision.
        static const std::set<QString> qtValues{QStringLiteral("QDateTime"), QStringLiteral("QTimeZone"),
                                                QStringLiteral("QString"), QStringLiteral("QByteArray"),
                                                QStringLiteral("QStringView")};
        static const QRegularExpression impureHeader(QStringLiteral(
            "^(thread|mutex|shared_mutex|atomic|condition_variable|future|stop_token|semaphore|latch|barrier|random|"
            "fstream|iostream|ostream|istream|sstream|filesystem|cstdio|ctime|stdio\\.h|time\\.h|unistd\\.h|sys/.*|"
            "netinet/.*|curl/.*|pthread\\.h|fcntl\\.h)$"));
        static const QRegularExpression impureWord(QStringLiteral(
            "\\bQ_OBJECT\\b|\\bQ_GADGET\\b|system_clock|steady_clock|high_resolution_clock|::now\\s*\\(|"
            "currentDateTime|"
            "currentMSecs|currentSecs|QElapsedTimer|QTimer|getenv|qEnvironment|\\btime\\s*\\(\\s*(nullptr|NULL|0)|"
            "\\brand\\s*\\(|random_device|QRandomGenerator|randombytes|std::(mutex|thread|jthread|atomic|async)|"
            "\\bstd::(cout|cerr|clog)\\b|\\bq(Debug|Info|Warning|Critical)\\s*\\(|\\bfopen\\b|thread_local"));
        for (const QString &path : sourcesIn({QStringLiteral("shared/core"), QStringLiteral("shared/dialects")})) {
            for (const QString &include : includesOf(path)) {
                const QString what = path + QStringLiteral(" includes ") + include;
                QVERIFY2(!include.startsWith(u'Q') || qtValues.contains(include), qUtf8Printable(what));
                QVERIFY2(!impureHeader.match(include).hasMatch(), qUtf8Printable(what));
            }
            const auto match = impureWord.match(codeOf(path));
            QVERIFY2(!match.hasMatch(), qUtf8Printable(path + QStringLiteral(" says ") + match.captured()));
        }
        for (const char *folder : {"core", "dialects"})
            QVERIFY(contentOf(QStringLiteral("shared/%1/CMakeLists.txt").arg(QLatin1String(folder)))
                        .contains(QStringLiteral("NO_MOC")));
    }

    void nobodyIsASingleton()
    {
        static const QRegularExpression instance(QStringLiteral("(\\w+\\s*::|[&*]|->|\\.)?\\s*\\binstance\\s*\\("));
        for (const QString &path :
             sourcesIn({QStringLiteral("shared"), QStringLiteral("server"), QStringLiteral("gui")})) {
            auto matches = instance.globalMatch(codeOf(path));
            while (matches.hasNext()) {
                const QString owner = matches.next().captured(1);
                QVERIFY2(owner == QStringLiteral("QCoreApplication::") || owner == QStringLiteral("QApplication::"),
                         qUtf8Printable(path + QStringLiteral(" has an instance()")));
            }
        }
    }

    void nobodySpinsAnEventLoopInside()
    {
        static const QRegularExpression nested(QStringLiteral("processEvents\\s*\\(|\\bQEventLoop\\b"));
        for (const QString &path :
             sourcesIn({QStringLiteral("shared"), QStringLiteral("server"), QStringLiteral("gui")})) {
            // The dispatcher implements processEvents(), which the loop of a thread calls; nothing in it calls it.
            if (path.contains(QStringLiteral("server/app/epolldispatcher.")))
                continue;
            QString code = codeOf(path);
            if (path.endsWith(QStringLiteral("server/app/eventthread.cpp"))) {
                // A thread of ours runs one loop, its outermost: that one, and nothing else.
                const QString outermost = QStringLiteral("QEventLoop().exec();");
                QCOMPARE(code.count(outermost), 1);
                code.remove(outermost).remove(QStringLiteral("#include <QEventLoop>"));
            }
            QVERIFY2(!nested.match(code).hasMatch(), qUtf8Printable(path));
        }
    }

    void theDaemonNeedsNoScreen()
    {
        const QString daemon = QStringLiteral(KEYMUX_BIN_DIR "/keymuxd");
        QVERIFY2(QFile::exists(daemon), qUtf8Printable(daemon));
        const QString direct = librariesOf(QStringLiteral("readelf"), {QStringLiteral("-d"), daemon});
        QVERIFY(direct.contains(QStringLiteral("Qt6Core")));
        const QString all = librariesOf(QStringLiteral("ldd"), {daemon});
        QVERIFY(all.contains(QStringLiteral("Qt6Core")));
        for (const char *library :
             {"Qt6Gui", "Qt6Widgets", "Qt6Quick", "libX11", "libxcb", "libwayland", "libGL.", "libEGL"}) {
            QVERIFY2(!direct.contains(QLatin1String(library)), library);
            QVERIFY2(!all.contains(QLatin1String(library)), library);
        }
    }

    void theDesktopLinksNothingOfTheServer()
    {
        if (!KEYMUX_DESKTOP)
            QSKIP("built without the desktop (KEYMUX_DESKTOP=OFF)");
        const QString desktop = QStringLiteral(KEYMUX_BIN_DIR "/keymux-admin");
        const QString direct = librariesOf(QStringLiteral("readelf"), {QStringLiteral("-d"), desktop});
        QVERIFY(direct.contains(QStringLiteral("Qt6Widgets")));
        for (const char *library : {"Qt6HttpServer", "Qt6Sql", "libcurl", "prometheus"})
            QVERIFY2(!direct.contains(QLatin1String(library)), library);
        // What its link line names, its static parts too.
        QFile plan(QStringLiteral(KEYMUX_BIN_DIR "/../build.ninja"));
        QVERIFY(plan.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(plan.readAll());
        const auto at = text.indexOf(QStringLiteral("build bin/keymux-admin: "));
        QVERIFY(at >= 0);
        const QString link = text.mid(at, text.indexOf(QStringLiteral("\n\n"), at) - at);
        QVERIFY(link.contains(QStringLiteral("gui/window/libkeymux_guiwindow.a")));
        QVERIFY2(!link.contains(QStringLiteral("server/")), qUtf8Printable(link));
    }
};

QTEST_APPLESS_MAIN(TestStructure)
#include "test_structure.moc"
