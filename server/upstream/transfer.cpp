// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/transfer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace keymux {

namespace {

constexpr std::size_t joinUpTo = 64 << 10;
constexpr std::size_t maxHeaderBytes = 256 << 10;

/// Whether the environment names a proxy, asked once: libcurl would look for five names in it with every call, and an
/// environment that holds a thousand keys is a long one.
bool environmentHasProxy()
{
    static const bool has = [] {
        for (const char *name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
            if (std::getenv(name))
                return true;
        }
        return false;
    }();
    return has;
}

/// Header lines that reach curl must not be able to start another line.
bool isOneLine(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

} // namespace

Transfer::Transfer(CURL *easy, UpstreamRequest request, UpstreamObserver *observer)
    : m_easy(easy), m_request(std::move(request)), m_observer(observer)
{
    setCallOptions();
    setBody();
    setHeaders();
}

Transfer::~Transfer()
{
    if (m_credential)
        std::memset(m_credential->data, 0, std::strlen(m_credential->data));
    curl_slist_free_all(m_slist);
}

void Transfer::setLastingOptions(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!environmentHasProxy()) {
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    }
    curl_easy_setopt(easy, CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 16L << 10);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "keymux/" KEYMUX_VERSION);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfer::onRead);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Transfer::onSeek);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::onSend);
}

void Transfer::setCallOptions()
{
    curl_easy_setopt(m_easy, CURLOPT_PRIVATE, this);
    curl_easy_setopt(m_easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(m_easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(m_easy, CURLOPT_READDATA, this);
    curl_easy_setopt(m_easy, CURLOPT_SEEKDATA, this);
    curl_easy_setopt(m_easy, CURLOPT_PREREQDATA, this);
    curl_easy_setopt(m_easy, CURLOPT_ERRORBUFFER, m_error);
    curl_easy_setopt(m_easy, CURLOPT_URL, m_request.url.c_str());
    curl_easy_setopt(m_easy, CURLOPT_FORBID_REUSE, 0L);
    curl_easy_setopt(m_easy, CURLOPT_CONNECTTIMEOUT_MS, long(m_request.timeouts.connect.count()));
    curl_easy_setopt(m_easy, CURLOPT_HTTP_VERSION,
                     long(m_request.preferHttp1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    if (!m_request.caFile.empty())
        curl_easy_setopt(m_easy, CURLOPT_CAINFO, m_request.caFile.c_str());
    if (!m_request.proxy.empty())
        curl_easy_setopt(m_easy, CURLOPT_PROXY, m_request.proxy.c_str());
}

void Transfer::setHeaders()
{
    const auto add = [this](const std::string &line) {
        m_slist = curl_slist_append(m_slist, line.c_str());
        curl_slist *last = m_slist;
        while (last->next)
            last = last->next;
        return last;
    };
    std::string line;
    for (const auto &[name, value] : m_request.headers) {
        if (!isOneLine(name) || !isOneLine(value))
            continue;
        line = name;
        line += value.empty() ? ";" : ": ";
        line += value;
        add(line);
    }
    // libcurl asks "100-continue" for bodies from 1 MiB; that would cost a round trip.
    if (m_bodySize > joinUpTo)
        add("Expect:");
    if (m_request.credential && !m_request.credentialHeader.empty() && isOneLine(m_request.credential->reveal())) {
        line = m_request.credentialHeader;
        line += m_request.credential->reveal();
        m_credential = add(line);
        wipe(line);
    }
    curl_easy_setopt(m_easy, CURLOPT_HTTPHEADER, m_slist);
}

void Transfer::setBody()
{
    if (m_request.method == "GET") {
        curl_easy_setopt(m_easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    for (std::string_view piece : m_request.body)
        m_bodySize += piece.size();
    curl_easy_setopt(m_easy, CURLOPT_POST, 1L);
    if (m_bodySize <= joinUpTo) {
        m_joined.reserve(m_bodySize);
        for (std::string_view piece : m_request.body)
            m_joined += piece;
        curl_easy_setopt(m_easy, CURLOPT_POSTFIELDS, m_joined.c_str());
    } else {
        curl_easy_setopt(m_easy, CURLOPT_POSTFIELDS, nullptr);
    }
    curl_easy_setopt(m_easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(m_bodySize));
}

void Transfer::cancel()
{
    m_observer = nullptr;
    // libcurl 7.88 keeps the end of an HTTP/2 stream to itself until something else happens on its connection; closing
    // one that nobody uses tells the provider now.
    curl_easy_setopt(m_easy, CURLOPT_FORBID_REUSE, 1L);
}

void Transfer::pause()
{
    m_paused = true;
}

bool Transfer::resume()
{
    m_paused = false;
    m_lastByte = Clock::now();
    return std::exchange(m_curlPaused, false);
}

void Transfer::setDeadline(Millis fromNow)
{
    if (fromNow.count() > 0)
        m_deadline = Clock::now() + fromNow;
    else
        m_deadline.reset();
}

const char *Transfer::expired(Clock::time_point now) const
{
    if (m_deadline && now >= *m_deadline)
        return "the time for the whole request ran out";
    if (m_paused)
        return nullptr;
    if (m_headDone)
        return now - m_lastByte >= m_request.timeouts.idle ? "nothing more came within idle_ms" : nullptr;
    if (m_sentAt && now - *m_sentAt >= m_request.timeouts.firstByte)
        return "no answer began within first_byte_ms";
    return nullptr;
}

std::size_t Transfer::onHeader(char *data, std::size_t size, std::size_t count, void *self)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const std::size_t bytes = size * count;
    return transfer.header({data, bytes}) ? bytes : 0;
}

bool Transfer::header(std::string_view line)
{
    if (cancelled())
        return false;
    m_headerBytes += line.size();
    if (m_headerBytes > maxHeaderBytes)
        return false;
    if (m_headDone)
        return true; // trailers say nothing we need
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
        m_headers.clear();
        const std::size_t space = line.find(' ');
        m_status = space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space + 1, 3)).c_str());
        return true;
    }
    if (line.empty()) {
        if (m_status >= 200) {
            m_headDone = true;
            m_lastByte = Clock::now();
            m_observer->upstreamHead(m_status, m_headers);
        }
        return true; // before that it was an interim answer: the real one follows
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return true;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t'))
        value.remove_prefix(1);
    while (value.ends_with(' ') || value.ends_with('\t'))
        value.remove_suffix(1);
    m_headers.emplace_back(std::move(name), std::string(value));
    return true;
}

std::size_t Transfer::onBody(char *data, std::size_t size, std::size_t count, void *self)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const std::size_t bytes = size * count;
    if (transfer.cancelled())
        return CURL_WRITEFUNC_ERROR;
    if (transfer.m_paused) {
        transfer.m_curlPaused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    transfer.m_lastByte = Clock::now();
    transfer.m_observer->upstreamData({data, bytes});
    return bytes;
}

std::size_t Transfer::onRead(char *buffer, std::size_t size, std::size_t count, void *self)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const auto &pieces = transfer.m_request.body;
    std::size_t room = size * count, done = 0;
    while (room > 0 && transfer.m_piece < pieces.size()) {
        const std::string_view rest = pieces[transfer.m_piece].substr(transfer.m_offset);
        const std::size_t now = std::min(room, rest.size());
        std::memcpy(buffer + done, rest.data(), now);
        done += now;
        room -= now;
        transfer.m_offset += now;
        if (transfer.m_offset == pieces[transfer.m_piece].size()) {
            ++transfer.m_piece;
            transfer.m_offset = 0;
        }
    }
    return done;
}

/// A request that goes out a second time, on a fresh connection, starts from its first byte.
int Transfer::onSeek(void *self, curl_off_t offset, int origin)
{
    auto &transfer = *static_cast<Transfer *>(self);
    if (origin != SEEK_SET || offset < 0 || std::size_t(offset) > transfer.m_bodySize)
        return CURL_SEEKFUNC_FAIL;
    transfer.m_piece = 0;
    auto left = std::size_t(offset);
    while (transfer.m_piece < transfer.m_request.body.size() &&
           left >= transfer.m_request.body[transfer.m_piece].size())
        left -= transfer.m_request.body[transfer.m_piece++].size();
    transfer.m_offset = left;
    return CURL_SEEKFUNC_OK;
}

int Transfer::onSend(void *self, char *, char *, int, int)
{
    auto &transfer = *static_cast<Transfer *>(self);
    if (transfer.cancelled())
        return CURL_PREREQFUNC_ABORT;
    transfer.m_sentAt = Clock::now();
    transfer.m_observer->upstreamSent();
    return CURL_PREREQFUNC_OK;
}

UpstreamEnd Transfer::endOf(CURLcode code) const
{
    if (code == CURLE_OK && m_headDone)
        return {true, AnswerClass::Success, {}};
    UpstreamEnd end;
    end.failure = code == CURLE_OPERATION_TIMEDOUT ? AnswerClass::Timeout : AnswerClass::Network;
    end.why =
        code == CURLE_OPERATION_TIMEDOUT && !m_sentAt ? "no connection within connect_ms" : curl_easy_strerror(code);
    // libcurl's own words name host and port, never headers or bodies.
    if (m_error[0] != '\0' && code != CURLE_OPERATION_TIMEDOUT)
        end.why += std::string(": ") + m_error;
    return end;
}

} // namespace keymux
