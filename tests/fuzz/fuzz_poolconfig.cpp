// SPDX-License-Identifier: GPL-3.0-or-later
// Any document: problems in order and short, or a config that routes.
#include "core/jsontext.h"
#include "core/poolconfigjson.h"
#include "core/router.h"
#include "fuzz.h"

#include <memory>
#include <set>

using namespace keymux;
using fuzz::must;

namespace {

void checkProblems(const std::vector<Problem> &problems)
{
    const Problem *before = nullptr;
    for (const Problem &problem : problems) {
        must(problem.line >= 1 && problem.column >= 1, "a problem has a place");
        must(!problem.message.empty(), "a problem says something");
        must(problem.message.size() + problem.path.size() < 1500, "a problem is short");
        must(!before || std::pair(before->line, before->column) <= std::pair(problem.line, problem.column),
             "problems are in document order");
        before = &problem;
    }
}

void checkRoutes(PoolConfig config)
{
    const Router router(std::make_shared<const PoolConfig>(std::move(config)));
    std::vector<std::string> names = router.modelNames();
    names.resize(std::min<std::size_t>(names.size(), 8));
    names.emplace_back("gpt-4");
    for (const std::string &name : names) {
        for (int e = 0; e < endpointCount; ++e) {
            const Route route = router.route(name, Endpoint(e));
            if (!route.plan)
                continue;
            std::set<DeploymentIndex> seen;
            for (const TierIndex tier : route.plan->tiers) {
                must(!router.tiers().at(tier).members.empty(), "a tier has members");
                for (const DeploymentIndex member : router.tiers()[tier].members) {
                    must(seen.insert(member).second, "tiers do not overlap");
                    must(router.deployments().at(member).endpoints.contains(Endpoint(e)), "members have the endpoint");
                }
            }
        }
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const JsonReading json = readJsonText(text);
    must(json.value.has_value() != json.error.has_value(), "a document is read or refused");
    PoolConfigReading reading = readPoolConfig(text);
    checkProblems(reading.problems);
    must(!json.error || !reading.valid(), "what is no JSON is no config");
    if (reading.valid())
        checkRoutes(std::move(reading.config));
    return 0;
}
