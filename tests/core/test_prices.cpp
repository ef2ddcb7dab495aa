// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prices.h"

#include "core/configreading.h"

#include <QFile>
#include <QtTest>

using namespace keymux;
using namespace keymux::test;

namespace {

PriceTable tableOf(const std::vector<const char *> &documents)
{
    PriceTable table;
    for (const char *document : documents) {
        PriceReading reading = readPrices(document);
        if (!reading.valid())
            qFatal("not valid:\n%s", listed(reading.problems).c_str());
        table.add(std::move(reading.rules));
    }
    return table;
}

/// The price of the prompt's tokens, by which the tests tell prices apart; -1 without a price.
double inputOf(const PriceTable &table, std::string_view provider, std::string_view model)
{
    const ModelPrice *price = table.find(provider, model);
    return price ? price->prices.input : -1;
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-12;
}

ModelPrice priceOf(const char *fields)
{
    const std::string document = std::string("{\"prices\": [{\"model\": \"m\", ") + fields + "}]}";
    return *tableOf({document.c_str()}).find("p", "m");
}

} // namespace

class TestPrices : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindOfTokenCostsItsOwn()
    {
        const ModelPrice price = priceOf("\"input\": 2, \"cached_input\": 0.5, \"output\": 8, \"reasoning\": 10");
        QVERIFY(near(costUsd(price, {.prompt = 1'000'000, .completion = 0, .total = 1'000'000}), 2));
        QVERIFY(
            near(costUsd(price, {.prompt = 1000, .completion = 500, .total = 1500, .cached = 400, .reasoning = 200}),
                 (600 * 2 + 400 * 0.5 + 300 * 8 + 200 * 10) / 1e6));
        QVERIFY(near(costUsd(price, {}), 0));
    }

    void cachedAndReasoningTokensCostLikeTheOthersUnlessTheyArePriced()
    {
        const ModelPrice price = priceOf("\"input\": 2, \"output\": 8");
        QVERIFY(near(costUsd(price, {.prompt = 10, .completion = 10, .total = 20, .cached = 10, .reasoning = 10}),
                     100 / 1e6));
    }

    void longPromptsCostMoreAsAWhole()
    {
        const ModelPrice price =
            priceOf("\"input\": 1, \"output\": 10, \"long_prompt\": {\"above\": 1000, \"input\": 2,"
                    " \"cached_input\": 1, \"output\": 20}");
        QVERIFY(near(costUsd(price, {.prompt = 1000, .completion = 1, .total = 1001}), 1010 / 1e6));
        QVERIFY(
            near(costUsd(price, {.prompt = 1001, .completion = 1, .total = 1002, .cached = 1}), (2000 + 1 + 20) / 1e6));
    }

    void oddFiguresNeverCostLessThanNothing()
    {
        const ModelPrice price = priceOf("\"input\": 2, \"cached_input\": 0, \"output\": 8, \"reasoning\": 0");
        QVERIFY(near(costUsd(price, {.prompt = 10, .completion = 10, .total = 20, .cached = 99, .reasoning = 99}), 0));
        QVERIFY(near(costUsd(price, {.prompt = -5, .completion = -5, .total = -5, .cached = -1, .reasoning = -1}), 0));
    }

    void exactNamesComeBeforeGlobsAndTheProvidersOwnBeforeAnybodys()
    {
        const PriceTable table =
            tableOf({"{\"prices\": ["
                     "{\"model\": \"*\", \"input\": 1, \"output\": 0},"
                     "{\"model\": \"gpt-*\", \"input\": 2, \"output\": 0},"
                     "{\"provider\": \"azure\", \"model\": \"gpt-*\", \"input\": 3, \"output\": 0},"
                     "{\"model\": \"gpt-4\", \"input\": 4, \"output\": 0},"
                     "{\"provider\": \"azure*\", \"model\": \"gpt-4\", \"input\": 5, \"output\": 0}]}"});
        QCOMPARE(inputOf(table, "azure-eu", "gpt-4"), 5.0);
        QCOMPARE(inputOf(table, "openai", "gpt-4"), 4.0);
        QCOMPARE(inputOf(table, "azure", "gpt-5"), 3.0);
        QCOMPARE(inputOf(table, "openai", "gpt-5"), 1.0); // of two globs the first in the document
        QCOMPARE(inputOf(table, "openai", "models/gpt-4"), 4.0);
    }

    void whatOneListDoesNotKnowTheNextOneMay()
    {
        const PriceTable table = tableOf({"{\"prices\": [{\"model\": \"a*\", \"input\": 1, \"output\": 0}]}",
                                          "{\"prices\": [{\"model\": \"ab\", \"input\": 2, \"output\": 0},"
                                          "{\"model\": \"b\", \"input\": 3, \"output\": 0}]}"});
        QCOMPARE(inputOf(table, "", "ab"), 1.0);
        QCOMPARE(inputOf(table, "", "b"), 3.0);
        QCOMPARE(inputOf(table, "", "c"), -1.0); // no price is not the price 0
    }

    void everyProblemIsToldWithItsPlace()
    {
        const PriceReading reading = readPrices(
            "{\"prices\": [\n"
            "{\"input\": 1, \"output\": 2},\n"
            "{\"model\": \"m\", \"input\": -1},\n"
            "{\"model\": \"n\", \"input\": 2000000, \"output\": \"x\", \"cached\": 1},\n"
            "{\"model\": \"o\", \"input\": 1, \"output\": 2, \"long_prompt\": {\"input\": 1, \"output\": 1}},\n"
            "{\"model\": \"o\", \"input\": 1, \"output\": 2},\n"
            "7],\n"
            "\"price\": []}");
        const std::string said = listed(reading.problems);
        for (const char *problem :
             {"2:1: prices[0].model: `model` is missing", "3:25: prices[1].input: a number of at least 0",
              "3:1: prices[1].output: `output` is missing", "4:25: prices[2].input: US dollars per million tokens",
              "4:44: prices[2].output: ", "prices[2].cached: unknown field", "prices[3].long_prompt.above: `above`",
              "6:1: prices[4]: `o` has a price further up already", "7:1: prices[5]: ", "8:1: price: unknown field"})
            QVERIFY2(said.find(problem) != std::string::npos,
                     (std::string(problem) + " is not among\n" + said).c_str());
        QCOMPARE(reading.problems.size(), std::size_t(10));
        for (const char *text : {"", "[]", "7", "{}", "{\"prices\": {}}", "{\"prices\": [}"})
            QVERIFY2(!readPrices(text).valid(), text);
    }

    void aListMayStandAlone()
    {
        QVERIFY(readPrices("{\"prices\": []}").withBuiltin);
        QVERIFY(!readPrices("{\"prices\": [], \"builtin\": false, // all there is\n}").withBuiltin);
    }

    void thePricesThatComeWithTheProgramAreGood()
    {
        QFile file(QStringLiteral(KEYMUX_SOURCE_DIR "/resources/prices.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        PriceReading reading = readPrices(file.readAll().toStdString());
        QVERIFY2(reading.valid(), listed(reading.problems).c_str());
        QVERIFY(reading.rules.size() > 100);
        for (const PriceRule &rule : reading.rules) {
            const TokenPrices &prices = rule.price.prices;
            QVERIFY2(prices.cachedInput <= prices.input && (prices.output == 0 || prices.output >= prices.input),
                     rule.model.c_str());
            QVERIFY2(!rule.price.longAbove || rule.price.longPrices.output > prices.output, rule.model.c_str());
        }
        PriceTable table;
        table.add(std::move(reading.rules));
        QCOMPARE(inputOf(table, "gemini", "gemini-2.0-flash"), 0.1);
        QCOMPARE(inputOf(table, "openai", "gpt-4o-2024-08-06"), 2.5);
        QCOMPARE(inputOf(table, "openai", "gpt-4o-2024-05-13"), 5.0);
        QCOMPARE(inputOf(table, "claude", "claude-opus-4-1-20250805"), 15.0);
        QCOMPARE(inputOf(table, "claude", "claude-opus-4-5-20251101"), 5.0);
        QCOMPARE(inputOf(table, "openai", "gpt-4o-audio-preview"), -1.0); // audio has prices of its own
        QCOMPARE(inputOf(table, "mine", "llama-3.3-70b-versatile"), -1.0);
    }
};

QTEST_APPLESS_MAIN(TestPrices)
#include "test_prices.moc"
