// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/poolcommands.h"

#include "cli/adminclient.h"
#include "cli/statuswatch.h"
#include "cli/table.h"
#include "core/result.h"
#include "store/statelock.h"

#include <nlohmann/json.hpp>
#include <ostream>

namespace keymux {

namespace {

using Json = nlohmann::json;

std::string text(const Json &value)
{
    if (value.is_null())
        return "-";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string windowText(const Json &window)
{
    return text(window.at("used")) + '/' + (window.at("limit").is_null() ? "∞" : text(window.at("limit")));
}

void printState(const Json &state, std::ostream &out)
{
    std::vector<std::vector<std::string>> rows{{"DEPLOYMENT", "STATUS", "RPM", "TPM", "RPD", "IN FLIGHT", "REQUESTS",
                                                "ERRORS", "P50 MS", "RESTS UNTIL", "REASON"}};
    for (const Json &d : state.at("deployments")) {
        const Json &cooldown = d.at("cooldown");
        const Json &windows = d.at("windows");
        rows.push_back({text(d.at("id")), text(d.at("status")), windowText(windows.at("rpm")),
                        windowText(windows.at("tpm")), windowText(windows.at("rpd")), text(d.at("in_flight")),
                        text(d.at("requests")), text(d.at("errors")), text(d.at("latency_ms").at("p50")),
                        cooldown.is_null() ? "" : text(cooldown.at("until")),
                        cooldown.is_null() ? "" : text(cooldown.at("reason"))});
    }
    printTable(out, rows);
    const Json &config = state.at("config");
    out << "\nconfig revision " << text(config.at("revision")) << " from " << text(config.at("source")) << '\n';
    if (!config.at("error").is_null())
        out << "the newest config was not taken: " << text(config.at("error")) << '\n';
}

} // namespace

int showStatus(const StatusOptions &options, std::ostream &out, std::ostream &err)
{
    const auto fail = [&](const std::string &message) {
        err << "keymuxd: " << message << '\n';
        return 1;
    };
    const auto stateDir = findStateDir(options.state);
    if (!stateDir)
        return fail(stateDir.error().message);
    const auto client = AdminClient::open(*stateDir, options.server, options.tokenFile);
    if (!client)
        return fail(client.error().message);
    if (options.watch)
        return watchStatus(options, *stateDir, out);
    const auto answer = client->request("GET", "/admin/v1/state");
    if (!answer)
        return fail(answer.error().message);
    if (answer->status != 200)
        return fail("the server at " + client->url() + " answered with status " + std::to_string(answer->status));
    const Json state = Json::parse(answer->body, nullptr, false);
    if (!state.is_object() || !state.contains("deployments"))
        return fail("the server at " + client->url() + " is not a keymuxd admin listener");
    if (options.json)
        out << answer->body << '\n';
    else
        printState(state, out);
    return 0;
}

} // namespace keymux
