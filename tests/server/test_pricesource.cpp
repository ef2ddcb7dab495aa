// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/builtinprices.h"
#include "app/pricesource.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QFile>
#include <QTest>
#include <fstream>

using namespace keymux;
using namespace keymux::testing;

/// The operator's prices before those that come with the program.
class PriceSourceTest : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;

    std::string path(const std::string &name) const { return (m_folder.path() / name).string(); }
    std::string written(const std::string &name, const std::string &text) const
    {
        std::ofstream(path(name)) << text;
        return path(name);
    }
    static double inputOf(const PriceSource &source, std::string_view model)
    {
        const auto table = source.load();
        const ModelPrice *price = table ? (*table)->find("gemini", model) : nullptr;
        return price ? price->prices.input : -1;
    }

private Q_SLOTS:
    void cleanup() { std::filesystem::remove(path("prices.json")); }

    void thePricesOfTheProgramAreInIt()
    {
        QFile file(QStringLiteral(KEYMUX_SOURCE_DIR "/resources/prices.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(std::string(builtinPrices()), file.readAll().toStdString());
        QCOMPARE(inputOf(PriceSource({}, m_folder.path().string()), "gemini-2.0-flash"), 0.1);
    }

    void theFileInTheStateComesFirstWheneverItIsThere()
    {
        const PriceSource source({}, m_folder.path().string());
        written("prices.json", "{\"prices\": [{\"model\": \"gemini-2.0-*\", \"input\": 7, \"output\": 8}]}");
        QCOMPARE(inputOf(source, "gemini-2.0-flash"), 7.0);
        QCOMPARE(inputOf(source, "gemini-2.5-flash"), 0.3);
        written("prices.json", "{\"builtin\": false, \"prices\": []}");
        QCOMPARE(inputOf(source, "gemini-2.0-flash"), -1.0);
        std::filesystem::remove(source.path());
        QCOMPARE(inputOf(source, "gemini-2.0-flash"), 0.1);
    }

    void aFileThatIsNamedMustBeThereAndGood()
    {
        const PriceSource missing(path("none.json"), m_folder.path().string());
        QCOMPARE(missing.load().error().size(), std::size_t(1));
        QVERIFY(missing.load().error().front().starts_with(path("none.json") + ": "));
        const PriceSource bad(written("bad.json", "{\n\"prices\": [{\"model\": \"m\"}, 5]}"), {});
        const auto problems = bad.load().error();
        QCOMPARE(problems.size(), std::size_t(3));
        QVERIFY2(problems.front().starts_with(path("bad.json") + ":2:12: prices[0].input: "), problems.front().c_str());
    }
};

QTEST_APPLESS_MAIN(PriceSourceTest)
#include "test_pricesource.moc"
