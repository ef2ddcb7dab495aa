// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <cmath>
#include <csignal>
#include <fstream>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

/// Tokens of one answer, as the scripted provider tells them.
struct Told {
    int prompt = 0, completion = 0, cached = 0, reasoning = 0;

    std::string usage() const
    {
        return Json{{"prompt_tokens", prompt},
                    {"completion_tokens", completion},
                    {"total_tokens", prompt + completion},
                    {"prompt_tokens_details", {{"cached_tokens", cached}}},
                    {"completion_tokens_details", {{"reasoning_tokens", reasoning}}}}
            .dump();
    }
    /// At what gemini-2.0-flash costs: 0.10, cached 0.025, output 0.40 dollars a million.
    double cost() const { return ((prompt - cached) * 0.1 + cached * 0.025 + completion * 0.4) / 1e6; }
    Told &operator+=(const Told &other)
    {
        prompt += other.prompt;
        completion += other.completion;
        cached += other.cached;
        reasoning += other.reasoning;
        return *this;
    }
};

Behaviour plain(const Told &told)
{
    return upstream::answer(200,
                            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hello\"},"
                            "\"finish_reason\":\"stop\"}],\"usage\":" +
                                told.usage() + "}");
}

std::string eventOf(const std::string &text)
{
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
}

Behaviour streamed(const Told &told)
{
    Behaviour behaviour;
    behaviour.events = {eventOf("hel"), eventOf("lo"),
                        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
                        "data: {\"choices\":[],\"usage\":" + told.usage() + "}\n\n", "data: [DONE]\n\n"};
    return behaviour;
}

/// -1 where there is no number.
double numberAt(const std::string &document, const std::string &pointer)
{
    const std::string text = jsonAt(document, pointer);
    return !text.empty() && text[0] >= '0' && text[0] <= '9' ? std::stod(text) : -1;
}

} // namespace

/// What a server that runs counts, against what its provider says.
class UsageTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<Daemon> m_daemon;

    /// With the folder of an earlier one, or a new one.
    void startDaemon(const std::filesystem::path &folder = {})
    {
        DaemonOptions options =
            PoolText{.baseUrl = m_upstream->baseUrl(),
                     .keys = poolKeys(2),
                     .models = "[{\"model\": \"gemini-2.0-flash\"}, {\"model\": \"house-blend\"}, "
                               "{\"model\": \"gemini-embedding-001\", \"endpoints\": [\"embeddings\"]}]"}
                .options();
        options.folder = folder;
        m_daemon = std::make_unique<Daemon>(options);
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }
    std::string usage(const std::string &query) const
    {
        const HttpResponse answer = m_daemon->admin().get("/admin/v1/usage?" + query);
        return answer.status == 200 ? answer.body : "(" + std::to_string(answer.status) + ") " + answer.body;
    }
    /// The report, once so many requests are in it: their end is booked a moment after it was sent.
    std::string usageOf(int requests, const std::string &query) const
    {
        const Moment deadline = Clock::now() + Ms(10000);
        std::string report;
        do {
            report = usage(query);
        } while (numberAt(report, "/total/requests") < requests && Clock::now() < deadline);
        return report;
    }
    HttpResponse ask(const std::string &model = "gemini-2.0-flash") const
    {
        return m_daemon->client().post(chat, chatBody(model));
    }
    std::string askStream(const std::string &model = "gemini-2.0-flash") const
    {
        return m_daemon->client().stream(chat, chatBody(model, true)).rest();
    }

private Q_SLOTS:
    void init()
    {
        m_upstream = std::make_unique<ScriptedUpstream>();
        startDaemon();
    }
    void cleanup()
    {
        m_daemon.reset();
        m_upstream.reset();
    }

    void theReportIsTheProvidersOwnSum()
    {
        Told sum;
        for (int i = 0; i < 6; ++i) {
            const Told told{.prompt = 100 + i, .completion = 50 + 2 * i, .cached = 40 + i, .reasoning = 10 + i};
            sum += told;
            m_upstream->on({.times = 1}, i % 2 ? streamed(told) : plain(told));
            if (i % 2)
                QVERIFY(askStream().find("\"usage\"") == std::string::npos); // the client did not ask for it
            else
                QCOMPARE(ask().status, 200);
        }
        const std::string report = usageOf(6, "group_by=model");
        for (const char *of : {"/items/0/", "/total/"}) {
            const auto figure = [&](const char *name) { return numberAt(report, std::string(of) + name); };
            QCOMPARE(figure("requests"), 6.0);
            QCOMPARE(figure("errors"), 0.0);
            QCOMPARE(figure("prompt_tokens"), double(sum.prompt));
            QCOMPARE(figure("completion_tokens"), double(sum.completion));
            QCOMPARE(figure("total_tokens"), double(sum.prompt + sum.completion));
            QCOMPARE(figure("cached_tokens"), double(sum.cached));
            QCOMPARE(figure("reasoning_tokens"), double(sum.reasoning));
            QVERIFY2(std::abs(figure("cost_usd") - sum.cost()) < 1e-9, report.c_str());
            QCOMPARE(figure("unpriced_requests") + figure("estimated_requests"), 0.0);
        }
        QCOMPARE(jsonAt(report, "/items/0/model"), std::string("gemini-2.0-flash"));
    }

    void thinkingThatOnlyTheTotalTellsIsPaidFor()
    {
        m_upstream->on({},
                       upstream::answer(200, "{\"choices\":[{\"message\":{\"content\":\"x\"}}],\"usage\":"
                                             "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":1015}}"));
        QCOMPARE(ask().status, 200);
        const std::string report = usageOf(1, "");
        QCOMPARE(jsonAt(report, "/total/completion_tokens"), std::string("1005"));
        QCOMPARE(jsonAt(report, "/total/reasoning_tokens"), std::string("1000"));
        QVERIFY(std::abs(numberAt(report, "/total/cost_usd") - (10 * 0.1 + 1005 * 0.4) / 1e6) < 1e-9);
    }

    void aFallbackIsOneRequestOfTheKeyThatServed()
    {
        m_upstream->on({.nth = 1}, upstream::internalError());
        QCOMPARE(ask().status, 200);
        const std::string failed = m_upstream->ledger().walk().front();
        const std::string report = usageOf(1, "group_by=key");
        QCOMPARE(jsonAt(report, "/items/0/requests"), std::string("1"));
        QCOMPARE(jsonAt(report, "/items/0/errors"), std::string("0"));
        QCOMPARE(jsonAt(report, "/items/1"), std::string("(absent)"));
        QVERIFY(failed.find(jsonAt(report, "/items/0/key")) == std::string::npos);
    }

    void aCutStreamCountsForWhatCame()
    {
        Behaviour cut;
        cut.events = {eventOf(std::string(400, 'a')), eventOf(std::string(400, 'b'))};
        cut.cutAfterEvents = 2;
        m_upstream->on({}, cut);
        QVERIFY(askStream().find("\"error\"") != std::string::npos);
        const std::string report = usageOf(1, "");
        QCOMPARE(jsonAt(report, "/total/errors"), std::string("1"));
        QCOMPARE(jsonAt(report, "/total/estimated_requests"), std::string("1"));
        const double completion = numberAt(report, "/total/completion_tokens");
        QVERIFY2(completion >= 199 && completion <= 201, report.c_str());
        QVERIFY(numberAt(report, "/total/prompt_tokens") > 0);
    }

    void aLargeAnswerIsCountedAsItPassesThrough()
    {
        std::string vector = "0.123456789";
        while (vector.size() < (3U << 20))
            vector += ",0.123456789";
        m_upstream->on({},
                       upstream::answer(200, "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[" + vector +
                                                 "]}],\"model\":\"m\",\"usage\":{\"prompt_tokens\":4321,"
                                                 "\"total_tokens\":4321}}\n"));
        const HttpResponse answer =
            m_daemon->client().post("/v1/embeddings", "{\"model\":\"gemini-embedding-001\",\"input\":\"hello\"}");
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.body.size() > (3U << 20));
        const std::string report = usageOf(1, "");
        QCOMPARE(jsonAt(report, "/total/prompt_tokens"), std::string("4321"));
        QCOMPARE(jsonAt(report, "/total/estimated_requests"), std::string("0"));
    }

    void aModelWithoutAPriceCostsNothingThatIsKnownUntilItGetsOne()
    {
        QVERIFY(m_daemon->waitForLog("no price is known for gemini/house-blend:"));
        QCOMPARE(ask("house-blend").status, 200);
        std::string report = usageOf(1, "group_by=model");
        QCOMPARE(jsonAt(report, "/items/0/cost_usd"), std::string("null"));
        QCOMPARE(jsonAt(report, "/items/0/unpriced_requests"), std::string("1"));

        // A list that is not good changes nothing; the next one is taken up while the server runs.
        const auto file = m_daemon->stateFolder() / "prices.json";
        std::ofstream(file) << "{\"prices\": 5}";
        m_daemon->process().signal(SIGHUP);
        QVERIFY(m_daemon->waitForLog("prices not applied: " + file.string() + ":1:12: prices: a list of prices"));
        std::ofstream(file) << "{\"prices\": [{\"model\": \"house-*\", \"input\": 0, \"output\": 1000000}]}";
        const Moment deadline = Clock::now() + Ms(10000);
        do {
            QCOMPARE(ask("house-blend").status, 200);
            report = usage("group_by=model");
        } while (jsonAt(report, "/items/0/cost_usd") == "null" && Clock::now() < deadline);
        const double cost = numberAt(report, "/items/0/cost_usd");
        QVERIFY2(cost >= 5 && std::fmod(cost, 5) == 0, report.c_str()); // five tokens of a dollar an answer
    }

    void aBudgetInDollarsStopsAKeyAndIsTheSumOfItsCosts()
    {
        const Told told{.prompt = 100, .completion = 50, .cached = 40, .reasoning = 0};
        m_upstream->on({}, plain(told));
        HttpClient admin = m_daemon->admin();
        const Json budget{{"amount", told.cost() * 1.5}, {"unit", "usd"}, {"period", "month"}};
        const HttpResponse made =
            admin.post("/admin/v1/virtual-keys", Json{{"name", "thrifty"}, {"budget", budget}}.dump());
        QCOMPARE(made.status, 201);
        HttpClient client(m_daemon->url(), {{"Authorization", "Bearer " + jsonAt(made.body, "/key")}});
        QCOMPARE(client.post(chat, chatBody("gemini-2.0-flash")).status, 200);
        QCOMPARE(client.post(chat, chatBody("gemini-2.0-flash")).status, 200); // half a budget was left
        const HttpResponse refused = client.post(chat, chatBody("gemini-2.0-flash"));
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/error/code"), std::string("insufficient_quota"));
        QVERIFY(!refused.header("retry-after").empty());

        const std::string report = usageOf(3, "group_by=virtual_key&virtual_key=thrifty");
        QCOMPARE(jsonAt(report, "/items/0/virtual_key_name"), std::string("thrifty"));
        QCOMPARE(jsonAt(report, "/items/0/errors"), std::string("1"));
        QVERIFY(std::abs(numberAt(report, "/items/0/cost_usd") - 2 * told.cost()) < 1e-9);
        const HttpResponse info = admin.get("/key/info?key=" + jsonAt(made.body, "/id"));
        QVERIFY2(std::abs(numberAt(info.body, "/info/spend") - 2 * told.cost()) < 1e-12, info.body.c_str());
        QCOMPARE(numberAt(info.body, "/info/max_budget"), told.cost() * 1.5);
    }

    void whatNoKeyWasAskedForIsBookedWithoutOne()
    {
        m_upstream->stop();
        m_daemon->overwriteConfig("{\"providers\": {}}");
        QVERIFY(m_daemon->waitForLog("config applied: revision 2"));
        QCOMPARE(ask("gpt-4").status, 503);
        const std::string report = usageOf(1, "group_by=virtual_key,key,model");
        QCOMPARE(jsonAt(report, "/items/0/key"), std::string("null"));
        QCOMPARE(jsonAt(report, "/items/0/model"), std::string("null"));
        QCOMPARE(jsonAt(report, "/items/0/virtual_key_name"), std::string("default"));
        QCOMPARE(jsonAt(report, "/items/0/errors"), std::string("1"));
    }

    void aKilledServerLosesAtMostTheLastSecond()
    {
        std::vector<Moment> answered;
        const Moment end = Clock::now() + Ms(3500);
        while (Clock::now() < end) {
            QCOMPARE(ask().status, 200);
            answered.push_back(Clock::now());
            m_daemon->process().wait(Ms(20)); // spread over the time
        }
        const Moment killed = Clock::now();
        m_daemon->process().signal(SIGKILL);
        QVERIFY(m_daemon->process().wait().has_value());
        const auto dead = std::move(m_daemon); // owns the folder
        startDaemon(dead->folder());
        const std::string report = usage("");
        const int kept = int(numberAt(report, "/total/requests"));
        // A second is promised; the machine that runs the tests may take one of its own.
        const auto before = [&](Ms time) {
            return int(std::count_if(answered.begin(), answered.end(), [&](Moment at) { return killed - at > time; }));
        };
        QVERIFY2(kept >= before(Ms(2000)) && kept <= int(answered.size()),
                 (report + " of " + std::to_string(answered.size())).c_str());
        m_daemon.reset();
        qInfo("%d of %d requests were kept; %d were older than a second", kept, int(answered.size()), before(Ms(1000)));
    }

    void aPriceListThatIsNamedMustBeGood()
    {
        const auto file = m_daemon->folder() / "list.json";
        std::ofstream(file) << "{\"prices\": [{\"model\": \"m\", \"input\": -1, \"output\": 0}]}";
        const Daemon::Ran ran = m_daemon->run({"serve", "--config", m_daemon->configFile().string(), "--state",
                                               (m_daemon->folder() / "other").string(), "--prices", file.string(),
                                               "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"});
        QCOMPARE(ran.exitCode, 1);
        QVERIFY2(ran.err.find(file.string() + ":1:37: prices[0].input: ") != std::string::npos, ran.err.c_str());
    }
};

QTEST_APPLESS_MAIN(UsageTest)
#include "test_usage.moc"
