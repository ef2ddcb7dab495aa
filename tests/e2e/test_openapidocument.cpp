// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/jsonschema.h"
#include "support/show.h"

#include <fstream>

using namespace keymux::testing;

/// resources/openapi.json by itself, and the checker that holds answers against it.
class OpenApiDocumentTest : public QObject {
    Q_OBJECT

private:
    Json m_document;

    const Json &resolved(const Json &value) const
    {
        return value.contains("$ref") ? m_document[Json::json_pointer(value["$ref"].get<std::string>().substr(1))]
                                      : value;
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(KEYMUX_SOURCE_DIR "/resources/openapi.json");
        m_document = Json::parse(file);
    }

    void theCheckerSeesWhatIsWrong()
    {
        const Json schema = Json::parse(
            "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false,\"properties\":{"
            "\"a\":{\"type\":\"integer\"},\"b\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
            "\"c\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\"]}},\"d\":{\"oneOf\":[{\"type\":\"string\"},{\"type\":"
            "\"null\"}]},\"e\":{\"$ref\":\"#/components/schemas/Error\"},\"f\":{\"pattern\":\"x\"}}}");
        const auto wrong = [&](const char *text) {
            return !schemaProblems(m_document, schema, Json::parse(text)).empty();
        };
        QVERIFY(!wrong("{\"a\":1,\"b\":\"2026-11-24T12:00:00.000Z\",\"c\":[\"x\"],\"d\":null}"));
        QVERIFY(!wrong("{\"a\":1,\"b\":null}"));
        for (const char *text :
             {"[]", "{}", "{\"a\":\"1\"}", "{\"a\":1.5}", "{\"a\":1,\"z\":1}", "{\"a\":1,\"b\":\"yesterday\"}",
              "{\"a\":1,\"b\":\"2026-13-24T12:00:00Z\"}", "{\"a\":1,\"c\":[\"y\"]}", "{\"a\":1,\"d\":1}",
              "{\"a\":1,\"e\":{\"error\":{}}}", "{\"a\":1,\"f\":\"x\"}"})
            QVERIFY2(wrong(text), text);
    }

    void itsExamplesAreGood()
    {
        int seen = 0;
        const auto check = [&](const Json &content, const std::string &where) {
            for (const auto &[type, media] : content.items()) {
                if (!media.contains("example"))
                    continue;
                ++seen;
                const auto problems = schemaProblems(m_document, media["schema"], media["example"]);
                QVERIFY2(problems.empty(), problems.empty() ? "" : (where + problems.front()).c_str());
            }
        };
        for (const auto &[path, operations] : m_document["paths"].items()) {
            for (const auto &[method, operation] : operations.items()) {
                if (operation.contains("requestBody"))
                    check(operation["requestBody"]["content"], path);
                for (const auto &[status, response] : operation["responses"].items())
                    check(resolved(response).value("content", Json::object()), path + status);
            }
        }
        QVERIFY(seen > 5);
    }
};

QTEST_APPLESS_MAIN(OpenApiDocumentTest)
#include "test_openapidocument.moc"
