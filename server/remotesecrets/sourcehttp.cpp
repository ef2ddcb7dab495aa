// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourcehttp.h"

#include <algorithm>
#include <curl/curl.h>
#include <sodium.h>
#include <string.h>

namespace keymux {

namespace {

constexpr std::size_t maxAnswerBytes = 4 << 20;
constexpr long connectMs = 5000, wholeMs = 15000;
constexpr int maxRunning = 16;

bool isOneLine(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

/// Scheme, host and port, for messages.
std::string originOf(const std::string &url)
{
    const std::size_t begin = url.find("://");
    return url.substr(0, begin == std::string::npos ? 0 : url.find('/', begin + 3));
}

} // namespace

/// One call on one handle; what it was given and got is wiped with it.
class SourceHttp::Call {
public:
    Call(CURL *easy, const SourceRequest &request, const std::string &caFile, const std::atomic<bool> &stopped)
        : m_easy(easy), m_request(request), m_stopped(stopped)
    {
        curl_easy_reset(easy); // connections stay
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_ERRORBUFFER, m_error);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
        set(CURLOPT_CONNECTTIMEOUT_MS, connectMs);
        set(CURLOPT_TIMEOUT_MS, wholeMs);
        set(CURLOPT_USERAGENT, "keymux/" KEYMUX_VERSION);
        if (!caFile.empty())
            set(CURLOPT_CAINFO, caFile.c_str());
        set(CURLOPT_WRITEFUNCTION, &Call::onBody);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Call::onProgress);
        set(CURLOPT_XFERINFODATA, this);
        setBody();
        setHeaders();
    }
    ~Call()
    {
        if (m_credential)
            sodium_memzero(m_credential->data, strlen(m_credential->data));
        curl_slist_free_all(m_headers);
        wipe(m_body);
        // The handle must not keep pointers to what goes now.
        curl_easy_reset(m_easy);
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    Result<SourceAnswer> perform()
    {
        const CURLcode code = curl_easy_perform(m_easy);
        if (code != CURLE_OK)
            return failure("secret_unreachable", why(code));
        SourceAnswer answer;
        long status = 0;
        curl_easy_getinfo(m_easy, CURLINFO_RESPONSE_CODE, &status);
        answer.status = int(status);
        curl_off_t seconds = 0;
        if (curl_easy_getinfo(m_easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
            answer.retryAfter = Millis(std::min<curl_off_t>(seconds, 86400) * 1000);
        answer.body = Secret(std::move(m_body));
        return answer;
    }

private:
    template <typename Value>
    void set(CURLoption option, Value value)
    {
        curl_easy_setopt(m_easy, option, value);
    }

    void setBody()
    {
        if (m_request.method == "GET")
            return;
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE, long(m_request.body.reveal().size()));
        set(CURLOPT_POSTFIELDS, m_request.body.reveal().data()); // not copied; it outlives the call
    }

    curl_slist *add(const std::string &line)
    {
        m_headers = curl_slist_append(m_headers, line.c_str());
        curl_slist *last = m_headers;
        while (last && last->next)
            last = last->next;
        return last;
    }

    void setHeaders()
    {
        add("Accept: application/json");
        add("Expect:");
        if (m_request.method != "GET")
            add("Content-Type: application/json");
        for (const auto &[name, value] : m_request.headers) {
            if (isOneLine(name) && isOneLine(value)) {
                std::string line = name;
                line.append(": ").append(value);
                add(line);
            }
        }
        if (m_request.credential && isOneLine(m_request.credential->reveal())) {
            std::string line;
            line.reserve(m_request.credentialHeader.size() + m_request.credential->reveal().size());
            line.append(m_request.credentialHeader).append(m_request.credential->reveal());
            m_credential = add(line);
            wipe(line);
        }
        set(CURLOPT_HTTPHEADER, m_headers);
    }

    std::string why(CURLcode code) const
    {
        const std::string origin = originOf(m_request.url);
        if (m_stopped)
            return "the call to " + origin + " was ended because the program stops";
        if (m_tooLarge)
            return "the answer of " + origin + " has more than 4 MiB; give the keys a path of their own";
        const std::string text = m_error[0] ? m_error : curl_easy_strerror(code);
        std::string message = origin + " does not answer: " + text.substr(0, 200);
        if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
            message += "; check the address, and name the authority that signed its certificate in `ca_file`";
        return message;
    }

    static std::size_t onBody(char *data, std::size_t size, std::size_t count, void *self)
    {
        auto &call = *static_cast<Call *>(self);
        const std::size_t bytes = size * count;
        if (call.m_body.size() + bytes > maxAnswerBytes) {
            call.m_tooLarge = true;
            return 0;
        }
        if (call.m_body.size() + bytes > call.m_body.capacity()) {
            // Grown by hand: a string that grows by itself leaves its old bytes behind.
            std::string larger;
            larger.reserve(std::max<std::size_t>(2 * (call.m_body.size() + bytes), 16 << 10));
            larger = call.m_body;
            wipe(call.m_body);
            call.m_body.swap(larger);
        }
        call.m_body.append(data, bytes);
        return bytes;
    }

    static int onProgress(void *self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
    {
        return static_cast<Call *>(self)->m_stopped ? 1 : 0;
    }

    CURL *m_easy;
    const SourceRequest &m_request;
    const std::atomic<bool> &m_stopped;
    curl_slist *m_headers = nullptr;
    curl_slist *m_credential = nullptr;
    std::string m_body;
    bool m_tooLarge = false;
    char m_error[CURL_ERROR_SIZE] = {};
};

SourceHttp::SourceHttp(std::string caFile) : m_caFile(std::move(caFile)) {}

SourceHttp::~SourceHttp()
{
    for (void *handle : m_idle)
        curl_easy_cleanup(handle);
}

void *SourceHttp::take()
{
    std::unique_lock lock(m_mutex);
    m_free.wait(lock, [this] { return m_running < maxRunning || m_stopped; });
    if (m_stopped)
        return nullptr;
    ++m_running;
    if (m_idle.empty())
        return curl_easy_init();
    // The one used last: its connection is the most likely to live.
    void *handle = m_idle.back();
    m_idle.pop_back();
    return handle;
}

void SourceHttp::giveBack(void *handle)
{
    const std::lock_guard lock(m_mutex);
    if (handle)
        m_idle.push_back(handle);
    --m_running;
    m_free.notify_one();
}

Result<SourceAnswer> SourceHttp::send(const SourceRequest &request)
{
    void *handle = take();
    if (m_stopped) {
        if (handle)
            giveBack(handle);
        return failure("secret_unreachable", "the program stops");
    }
    if (!handle) {
        giveBack(nullptr);
        return failure("secret_unreachable", "no memory for a call to " + originOf(request.url));
    }
    auto answer = Call(handle, request, m_caFile, m_stopped).perform();
    giveBack(handle);
    return answer;
}

void SourceHttp::stop()
{
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
    m_free.notify_all();
}

std::string urlEscaped(std::string_view text, std::string_view keep)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~' || keep.find(c) != std::string_view::npos;
        if (plain) {
            result += c;
        } else {
            result += '%';
            result += digits[static_cast<unsigned char>(c) >> 4];
            result += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return result;
}

} // namespace keymux
