// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answerlook.h"
#include "dialects/errorbody.h"

#include <QtTest>
#include <nlohmann/json.hpp>

using namespace keymux;

Q_DECLARE_METATYPE(keymux::AnswerClass)

namespace {

const TimePoint now{Millis(1'795'000'000'000)};

struct Fixture {
    const char *name;
    int status;
    bool google;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    AnswerClass klass;
    std::optional<Millis> restFor = std::nullopt;
};

std::string gemini429(const std::string &quotaId, const std::string &value, const std::string &delay)
{
    const nlohmann::json details = {
        {{"@type", "type.googleapis.com/google.rpc.Help"}, {"links", nlohmann::json::array()}},
        {{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
         {"violations", {{{"quotaId", quotaId}, {"quotaValue", value}}}}},
        {{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", delay}}};
    const nlohmann::json error = {
        {"code", 429},
        {"message", "You exceeded your current quota, please check your plan and billing details."},
        {"status", "RESOURCE_EXHAUSTED"},
        {"details", details}};
    return nlohmann::json{{"error", error}}.dump();
}

std::string gemini400(const std::string &message, const std::string &reason)
{
    const nlohmann::json details = {
        {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"}, {"reason", reason}, {"domain", "googleapis.com"}}};
    const nlohmann::json error = {{"code", 400},
                                  {"message", message},
                                  {"status", "INVALID_ARGUMENT"},
                                  {"details", nlohmann::json::array({details[0]})}};
    return nlohmann::json::array({nlohmann::json{{"error", error}}}).dump();
}

std::vector<Fixture> fixtures()
{
    using C = AnswerClass;
    const std::string perDay = gemini429("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20", "0s");
    const std::string perMinute = gemini429("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "15", "34.07s");
    const std::string zero = gemini429("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0", "34s");
    return {
        {"openai bad key",
         401,
         false,
         {},
         R"({"error":{"message":"Incorrect API key provided: sk-a***z.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
         C::BadKey},
        {"openai credit",
         429,
         false,
         {},
         R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
         C::Billing},
        {"openai rate",
         429,
         false,
         {},
         R"({"error":{"message":"Rate limit reached for gpt-4. Please try again in 20ms.","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
         C::MinuteLimit,
         Millis(20)},
        {"openai no model",
         404,
         false,
         {},
         R"({"error":{"message":"The model does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
         C::ModelMissing},
        {"openai context",
         400,
         false,
         {},
         R"({"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
         C::ClientFault},
        {"openai region",
         403,
         false,
         {},
         R"({"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}})",
         C::Region},
        {"openai overloaded",
         503,
         false,
         {{"retry-after", "7"}},
         R"({"error":{"message":"x","type":"service_unavailable_error","code":"server_is_overloaded"}})",
         C::Overload,
         Millis(7000)},
        {"gemini day quota with a useless delay", 429, true, {}, perDay, C::DayQuota, Millis(0)},
        {"gemini minute", 429, true, {}, perMinute, C::MinuteLimit, Millis(34070)},
        {"gemini no quota", 429, true, {}, zero, C::NoQuota, Millis(34000)},
        {"gemini day quota in an array", 429, true, {}, '[' + perDay + ']', C::DayQuota, Millis(0)},
        {"gemini minute in an array", 429, true, {}, '[' + perMinute + ']', C::MinuteLimit, Millis(34070)},
        {"gemini no quota in an array", 429, true, {}, '[' + zero + ']', C::NoQuota, Millis(34000)},
        {"gemini bare",
         429,
         true,
         {},
         R"({"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}})",
         C::MinuteLimit},
        {"gemini bad key",
         400,
         true,
         {},
         gemini400("API key not valid. Please pass a valid API key.", "API_KEY_INVALID"),
         C::BadKey},
        {"gemini unknown name",
         400,
         true,
         {},
         "[{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload received. Unknown name "
         "\\\"frequency_penalty\\\": Cannot find field.\",\"status\":\"INVALID_ARGUMENT\"}}]",
         C::UnknownField},
        {"gemini unknown nested name",
         400,
         true,
         {},
         "[{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload received. Unknown name \\\"x\\\" at 'tools[0]': "
         "Cannot find field.\",\"status\":\"INVALID_ARGUMENT\"}}]",
         C::ClientFault},
        {"gemini location",
         400,
         true,
         {},
         R"({"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}})",
         C::Region},
        {"gemini too many tokens",
         400,
         true,
         {},
         R"({"error":{"code":400,"message":"The input token count exceeds the maximum","status":"INVALID_ARGUMENT"}})",
         C::ClientFault},
        {"gemini credits",
         402,
         true,
         {},
         R"({"error":{"code":402,"message":"Your prepayment credits are depleted","status":"RESOURCE_EXHAUSTED"}})",
         C::Billing},
        {"gemini suspended",
         403,
         true,
         {},
         R"({"error":{"code":403,"message":"Consumer suspended","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"CONSUMER_SUSPENDED"}]}})",
         C::BadKey},
        {"gemini denied",
         403,
         true,
         {},
         R"({"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}})",
         C::Denied},
        {"gemini overloaded",
         503,
         true,
         {},
         R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})",
         C::Overload},
        {"anthropic overloaded",
         529,
         false,
         {},
         R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
         C::Overload},
        {"anthropic credit",
         400,
         false,
         {},
         R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}})",
         C::Billing},
        {"anthropic limits",
         400,
         false,
         {},
         R"({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00 UTC."}})",
         C::Billing},
        {"groq day",
         429,
         false,
         {{"retry-after", "39720"}, {"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "11h2m"}},
         R"({"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}})",
         C::DayQuota,
         Millis(39720000)},
        {"groq too large",
         413,
         false,
         {},
         R"({"error":{"message":"Request too large","type":"tokens","code":"rate_limit_exceeded"}})",
         C::ClientFault},
        {"groq property",
         400,
         false,
         {},
         R"({"error":{"message":"property 'logprobs' is unsupported","type":"invalid_request_error"}})",
         C::UnknownField},
        {"mistral rate",
         429,
         false,
         {},
         R"({"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","param":null,"code":"1300","raw_status_code":429})",
         C::MinuteLimit},
        {"mistral capacity",
         429,
         false,
         {},
         R"({"object":"error","message":"Service tier capacity exceeded for this model.","type":"x","code":"3505"})",
         C::Overload},
        {"mistral extra field",
         422,
         false,
         {},
         R"({"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]})",
         C::UnknownField},
        {"deepseek balance",
         402,
         false,
         {},
         R"({"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}})",
         C::Billing},
        {"xai bad key",
         400,
         false,
         {},
         R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: na***ys. You can obtain an API key from https://console.x.ai."})",
         C::BadKey},
        {"openrouter numeric code",
         429,
         false,
         {},
         R"({"error":{"code":429,"message":"Provider returned error","metadata":{"provider_name":"x","raw":"slow"}}})",
         C::MinuteLimit},
        {"cloudflare challenge", 403, false, {}, "<!DOCTYPE html><html><body>Attention</body></html>", C::Denied},
        {"cloudflare timeout", 524, false, {}, "<html></html>", C::Overload},
        {"vllm flat",
         400,
         false,
         {},
         R"({"object":"error","message":"bad","type":"BadRequestError","code":400})",
         C::ClientFault},
        {"openai unknown argument",
         400,
         false,
         {},
         R"({"error":{"message":"Unrecognized request argument supplied: foo","type":"invalid_request_error"}})",
         C::UnknownField},
        {"teapot", 418, false, {}, "", C::ClientFault},
        {"early", 425, false, {}, "", C::Overload},
        {"request timeout", 408, false, {}, "", C::Timeout},
    };
}

Feedback classified(const Fixture &f, bool canSwitchAuth = false)
{
    AnswerFacts facts;
    facts.status = f.status;
    facts.headers = f.headers;
    facts.error = readErrorBody(f.body, now);
    facts.google = f.google;
    facts.canSwitchAuth = canSwitchAuth;
    return classify(facts, now);
}

} // namespace

class TestErrorBody : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyProvidersErrorMeansWhatItMeans()
    {
        for (const Fixture &f : fixtures()) {
            const Feedback feedback = classified(f);
            QVERIFY2(feedback.klass == f.klass,
                     (std::string(f.name) + " was taken for: " + std::string(answerClassName(feedback.klass))).c_str());
            QVERIFY2(feedback.restFor == f.restFor, f.name);
        }
    }

    void unknownFieldsAreNamed()
    {
        const auto field = [](const char *body) { return readErrorBody(body, now).unknownField; };
        QCOMPARE(field("{\"error\":{\"message\":\"Unknown name \\\"store\\\": Cannot find field.\"}}"),
                 std::string("store"));
        QCOMPARE(field(R"({"error":{"message":"Unknown parameter: 'reasoning_effort'."}})"),
                 std::string("reasoning_effort"));
        QCOMPARE(field(R"({"error":{"message":"Unknown parameter: 'messages[0].name'."}})"), std::string());
        QCOMPARE(
            field(R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model."}})"),
            std::string("max_tokens"));
        QCOMPARE(field(R"({"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"no"}]})"), std::string("x"));
        QCOMPARE(field(R"({"error":{"message":"all is well"}})"), std::string());
    }

    void theOtherCredentialHeaderIsTriedBeforeAKeyIsBlamed()
    {
        const Fixture many{
            "",
            400,
            true,
            {},
            R"([{"error":{"code":400,"message":"Multiple authentication credentials received. Please pass only one."}}])",
            {}};
        const Fixture bearer{"", 401, true, {}, R"({"error":{"code":401,"status":"UNAUTHENTICATED","message":"x"}})",
                             {}};
        QCOMPARE(classified(many, true).klass, AnswerClass::WrongAuthStyle);
        QCOMPARE(classified(bearer, true).klass, AnswerClass::WrongAuthStyle);
        QCOMPARE(classified(bearer, false).klass, AnswerClass::BadKey);
        Fixture other = bearer;
        other.google = false;
        QCOMPARE(classified(other, true).klass, AnswerClass::BadKey);
    }

    void accessRegainedIsAMoment()
    {
        const auto facts =
            readErrorBody(R"({"error":{"message":"You will regain access on 2026-04-01 at 00:00 UTC."}})", now);
        QVERIFY(facts.regainAt == TimePoint(Millis(1775001600000)));
    }

    void refusalsWithoutEvidenceOfALimitAreTold()
    {
        QVERIFY(!classified({"", 429, false, {}, "{}", {}}).limitEvidence);
        QVERIFY(classified({"", 429, false, {{"retry-after", "1"}}, "{}", {}}).limitEvidence);
        QVERIFY(classified({"", 429, false, {{"x-ratelimit-limit-requests", "1"}}, "{}", {}}).limitEvidence);
        QVERIFY(classified({"", 429, true, {}, gemini429("GenerateRequestsPerMinute", "5", "3s"), {}}).limitEvidence);
    }

    void anythingAtAllIsReadWithoutFailing()
    {
        for (const char *body :
             {"", "null", "[]", "[1]", "{", "\"x\"", "{\"error\":null}", "{\"error\":[]}",
              "{\"error\":{\"details\":5}}",
              "{\"error\":{\"details\":[null,{\"@type\":5},{\"@type\":\"google.rpc.QuotaFailure\",\"violations\":3}]}}",
              "{\"detail\":[{\"loc\":[1]}]}", "\xff\xfe"})
            readErrorBody(body, now);
        QVERIFY(readErrorBody(std::string(1 << 20, '['), now).message.size() <= 2048);
        QVERIFY(readErrorBody("{\"error\":{\"message\":\"" + std::string(30000, 'a') + "\"}}", now).message.size() <=
                2048);
    }

    void ourErrorsHaveOpenAisShape()
    {
        const auto json = nlohmann::json::parse(
            openAiErrorBody({404, "no \"x\"\n", "invalid_request_error", "model", "model_not_found"}));
        QCOMPARE(json["error"]["message"].get<std::string>(), std::string("no \"x\"\n"));
        QCOMPARE(json["error"]["code"].get<std::string>(), std::string("model_not_found"));
        QVERIFY(nlohmann::json::parse(openAiErrorBody({500, "\xff", "t", "", ""}))["error"]["param"].is_null());
    }

    void credentialsAreHiddenInWhateverAProviderEchoes()
    {
        const std::string secret = "my-Secret-Key-0123456789";
        for (const std::string &text : std::vector<std::string>{
                 "key " + secret + " is bad", "key my-Secret-Key… is bad", "…-0123456789 is bad", "url?key=abcdefghij",
                 "AIzaSyA1234567890abcdefg", "Bearer abcdef123456", "sk-proj-abcdefghijkl"}) {
            const std::string out = redacted(text, secret);
            for (const char *leak : {"Secret-Key", "0123456789", "abcdefghij", "SyA123456", "abcdef123456"})
                QVERIFY2(out.find(leak) == std::string::npos, out.c_str());
        }
        QCOMPARE(redacted("nothing to hide: the sk-, key= and AIza of it"),
                 std::string("nothing to hide: the sk-, key= and AIza of it"));
    }

    void a200IsLookedAt()
    {
        const auto usable = [](const char *body, Endpoint e = Endpoint::Chat) { return lookAtAnswer(body, e).usable; };
        QVERIFY(usable(R"({"choices":[{"message":{"content":""}}]})"));
        QVERIFY(usable(R"({"error":null,"choices":[{}]})"));
        QVERIFY(usable(R"({"object":"list","data":[{"embedding":[0.1]}]})", Endpoint::Embeddings));
        for (const char *bad :
             {"", "null", "{}", "[]", R"({"choices":[]})", R"({"choices":[ ]})", R"({"choices":[{}]} x)",
              R"({"choices":[{}])", R"({"choices":[{}],"error":{"message":"x"}})", "<html>", R"({"choices":null})"})
            QVERIFY2(!usable(bad), bad);
        QVERIFY(!usable(R"({"data":[]})", Endpoint::Embeddings));
        const AnswerLook google = lookAtAnswer(R"([{"error":{"code":503,"message":"m"}}])", Endpoint::Chat);
        QCOMPARE(google.innerStatus, 503);
        const AnswerLook good = lookAtAnswer(
            R"({"choices":[{}],"usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}})",
            Endpoint::Chat);
        QVERIFY((good.usage == TokenUsage{5, 7, 12, 2, 3}));
    }
};

QTEST_APPLESS_MAIN(TestErrorBody)
#include "test_errorbody.moc"
