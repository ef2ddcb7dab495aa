// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/modellist.h"
#include "support/show.h"

using namespace keymux;
using namespace keymux::testing;

/// The lists of models that providers answer.
class ModelListTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsAreReadWhateverTheirDress()
    {
        QCOMPARE(*readModelList(R"({"object":"list","data":[{"id":"gpt-4","object":"model"},{"id":"o3"}]})"),
                 (Texts{"gpt-4", "o3"}));
        QCOMPARE(*readModelList(R"({"data":[{"id":"models/gemini-2.0-flash","x":{"id":"no"}}],"id":"no"})"),
                 Texts{"gemini-2.0-flash"});
        QCOMPARE(*readModelList(R"([{"id":"a","tags":[{"id":"no"}]},{"name":"no"},{"id":"b"}])"), (Texts{"a", "b"}));
        QCOMPARE(*readModelList(R"({"data":[]})"), Texts{});
    }

    void whatIsNoListIsNone()
    {
        for (const char *text : {"", "{}", "\"data\"", "{\"data\":{\"id\":\"a\"}}", "{\"data\":[{\"id\":\"a\"}",
                                 "<html>", "{\"other\":[{\"id\":\"a\"}]}"})
            QVERIFY2(!readModelList(text), text);
    }

    void noiseCostsNothing()
    {
        QVERIFY(!readModelList(std::string(1 << 20, '[')));
        QVERIFY(!readModelList("{\"data\":" + std::string(1 << 20, '{')));
        std::string many = "[";
        for (int i = 0; i < 30000; ++i)
            many += "{\"id\":\"m\"},";
        many += "{\"id\":\"" + std::string(5000, 'x') + "\"}]";
        QCOMPARE(int(readModelList(many)->size()), 20000);
        const auto one = readModelList("[{\"id\":\"" + std::string(5000, 'x') + "\"}]");
        QCOMPARE(int(one->front().size()), 256);
    }
};

QTEST_APPLESS_MAIN(ModelListTest)
#include "test_modellist.moc"
