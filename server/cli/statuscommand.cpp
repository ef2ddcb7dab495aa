// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/poolcommands.h"

#include "cli/table.h"
#include "core/result.h"
#include "store/statelock.h"

#include <QFile>
#include <curl/curl.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace keymux {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxAnswer = 256 << 20;

std::string readTrimmed(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toStdString() : std::string();
}

std::size_t collect(char *data, std::size_t size, std::size_t count, void *out)
{
    auto &text = *static_cast<std::string *>(out);
    if (text.size() + size * count > maxAnswer)
        return 0;
    text.append(data, size * count);
    return size * count;
}

Result<std::string> fetch(const std::string &url, const std::string &token)
{
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), curl_easy_cleanup);
    const std::string header = "Authorization: Bearer " + token;
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
        curl_slist_append(nullptr, header.c_str()), curl_slist_free_all);
    std::string body;
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &collect);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 10000L);
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK)
        return failure("unreachable", "no server answers at " + url + ": " + curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 401)
        return failure("unauthorized", "the server at " + url + " does not accept this admin token");
    if (status != 200)
        return failure("unexpected", "the server at " + url + " answered with status " + std::to_string(status));
    return body;
}

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
    std::string server = options.server;
    if (server.empty()) {
        const Json addresses = Json::parse(readTrimmed(*stateDir + "/server.json"), nullptr, false);
        if (!addresses.is_object() || !addresses.contains("admin"))
            return fail("no server has run on " + *stateDir +
                        "; start one, or name it with --server http://127.0.0.1:4001");
        server = addresses["admin"].get<std::string>();
    }
    const std::string tokenFile = options.tokenFile.empty() ? *stateDir + "/admin-token" : options.tokenFile;
    const std::string token = readTrimmed(tokenFile);
    if (token.empty())
        return fail("cannot read an admin token from " + tokenFile + "; name its file with --token-file");
    const auto answer = fetch(server + "/admin/v1/state", token);
    if (!answer)
        return fail(answer.error().message);
    const Json state = Json::parse(*answer, nullptr, false);
    if (!state.is_object() || !state.contains("deployments"))
        return fail("the server at " + server + " is not a keymuxd admin listener");
    if (options.json)
        out << *answer << '\n';
    else
        printState(state, out);
    return 0;
}

} // namespace keymux
