// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/adminclient.h"

#include <QFile>
#include <curl/curl.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

constexpr std::size_t maxAnswer = 256 << 20;

std::string readTrimmed(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.read(1 << 16).trimmed().toStdString() : std::string();
}

std::size_t collect(char *data, std::size_t size, std::size_t count, void *out)
{
    auto &text = *static_cast<std::string *>(out);
    if (text.size() + size * count > maxAnswer)
        return 0;
    text.append(data, size * count);
    return size * count;
}

int progress(void *client, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<const AdminClient *>(client)->keepWaiting() ? 0 : 1;
}

} // namespace

Result<AdminClient> AdminClient::open(const std::string &stateDir, const std::string &url, const std::string &tokenFile)
{
    AdminClient client;
    client.m_url = url;
    if (client.m_url.empty()) {
        const auto addresses = nlohmann::json::parse(readTrimmed(stateDir + "/server.json"), nullptr, false);
        if (!addresses.is_object() || !addresses.contains("admin") || !addresses["admin"].is_string())
            return failure("no_server", "no server has run on " + stateDir +
                                            "; start one, or name it with --server http://127.0.0.1:4001");
        client.m_url = addresses["admin"].get<std::string>();
        client.m_pin = addresses.value("admin_pin", "");
    }
    while (client.m_url.ends_with('/'))
        client.m_url.pop_back();
    const std::string file = tokenFile.empty() ? stateDir + "/admin-token" : tokenFile;
    client.m_token = readTrimmed(file);
    if (client.m_token.empty())
        return failure("no_token", "cannot read an admin token from " + file + "; name its file with --token-file");
    return client;
}

Result<AdminClient::Answer> AdminClient::request(const std::string &method, const std::string &path,
                                                 const std::string &body) const
{
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), curl_easy_cleanup);
    const std::string authorization = "Authorization: Bearer " + m_token;
    curl_slist *list = curl_slist_append(nullptr, authorization.c_str());
    list = curl_slist_append(list, "Content-Type: application/json");
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list, curl_slist_free_all);
    const std::string address = m_url + path;
    Answer answer;
    curl_easy_setopt(easy.get(), CURLOPT_URL, address.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    if (method != "GET" && method != "DELETE") {
        curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, long(body.size()));
        curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body.c_str());
    }
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &collect);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 10000L);
    if (keepWaiting) {
        curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, &progress);
        curl_easy_setopt(easy.get(), CURLOPT_XFERINFODATA, const_cast<AdminClient *>(this));
    }
    if (!m_pin.empty()) {
        // The server of this STATE is known by its key, whatever names and authorities its certificate has.
        curl_easy_setopt(easy.get(), CURLOPT_PINNEDPUBLICKEY, m_pin.c_str());
        curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, 0L);
    }
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK)
        return failure("unreachable", "no server answers at " + address + ": " + curl_easy_strerror(code));
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    if (answer.status == 401)
        return failure("unauthorized", "the server at " + m_url + " does not accept this admin token");
    return answer;
}

} // namespace keymux
