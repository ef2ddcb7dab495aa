// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "gui/tsfile.h"
#include "models/statustext.h"
#include "translations/translations.h"
#include "widgets/page.h"

#include <QLabel>
#include <QProcess>
#include <QRegularExpression>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;

namespace {

QStringList placesIn(const QString &text)
{
    static const QRegularExpression place(u"%[1-9]"_s);
    QStringList places;
    auto matches = place.globalMatch(text);
    while (matches.hasNext())
        places.append(matches.next().captured());
    places.removeDuplicates();
    places.sort();
    return places;
}

} // namespace

class TestTranslations : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTextIsInGerman()
    {
        const QString kept = QStringLiteral(KEYMUX_SOURCE_DIR "/gui/translations/keymux_de.ts");
        QTemporaryDir folder;
        const QString fresh = folder.filePath(u"fresh_de.ts"_s);
        QVERIFY(QFile::copy(kept, fresh));
        QProcess lupdate;
        lupdate.start(QStringLiteral(KEYMUX_LUPDATE), {QStringLiteral(KEYMUX_SOURCE_DIR "/gui"), u"-no-obsolete"_s,
                                                       u"-locations"_s, u"none"_s, u"-ts"_s, fresh});
        QVERIFY(lupdate.waitForFinished(60000));
        int unfinished = 0, unfinishedNow = 0;
        const auto before = textsOf(kept, &unfinished), now = textsOf(fresh, &unfinishedNow);
        QVERIFY(now.size() > 500);
        QCOMPARE(unfinished, 0);
        QCOMPARE(unfinishedNow, 0);
        QStringList missing;
        for (auto it = now.begin(); it != now.end(); ++it) {
            if (!before.contains(it.key()) || it.value().trimmed().isEmpty())
                missing.append(it.key());
        }
        QVERIFY2(missing.isEmpty(), qUtf8Printable(missing.join(u'\n')));
        for (auto it = now.begin(); it != now.end(); ++it)
            QVERIFY2(placesIn(it.key().section(u'|', 1)) == placesIn(it.value()), qUtf8Printable(it.key()));
    }

    void theWindowSpeaksGermanAndPluralsAreRight()
    {
        QCOMPARE(StatusText::tr("%n more event(s) were not told", nullptr, 2), u"2 more event(s) were not told"_s);
        translate(*qApp, QLocale(QLocale::English));
        QCOMPARE(StatusText::tr("%n more event(s) were not told", nullptr, 1), u"1 more event was not told"_s);
        translate(*qApp, QLocale(QLocale::German));
        QCOMPARE(StatusText::tr("%n more event(s) were not told", nullptr, 2),
                 u"2 weitere Ereignisse wurden nicht gemeldet"_s);
        Desk desk;
        desk.open();
        QStringList titles;
        for (const Page *page : desk.window().pages())
            titles.append(page->title());
        QVERIFY(titles.contains(u"Übersicht"_s));
        QVERIFY(titles.contains(u"Virtuelle Schlüssel"_s));
        Desk::shoot(desk.window(), u"start-german"_s);
        for (const QLabel *label : desk.window().findChildren<QLabel *>()) {
            if (label->isVisible() && !label->wordWrap() && !label->text().isEmpty())
                QVERIFY2(label->width() >= label->sizeHint().width() - 1, qUtf8Printable(label->text()));
        }
    }
};

QTEST_MAIN(TestTranslations)
#include "test_translations.moc"
