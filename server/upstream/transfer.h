// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "upstream/upstreamclient.h"

#include <chrono>
#include <curl/curl.h>
#include <functional>
#include <optional>

namespace keymux {

/// One request on its way through libcurl: the easy handle's options and callbacks, what was received, and its times.
/// Lives until libcurl has let go of the handle, which can be a moment longer than the call that the outside holds.
class Transfer {
public:
    using Clock = std::chrono::steady_clock;

    Transfer(CURL *easy, UpstreamRequest request, UpstreamObserver *observer);
    ~Transfer();
    Transfer(const Transfer &) = delete;
    Transfer &operator=(const Transfer &) = delete;

    /// Options every handle keeps; set once when it is made.
    static void setLastingOptions(CURL *easy);
    /// True when options beyond those of every call were set, so that the handle must be reset before it serves
    /// another.
    bool needsReset() const { return !m_request.caFile.empty() || !m_request.proxy.empty(); }

    CURL *easy() const { return m_easy; }
    UpstreamObserver *observer() const { return m_observer; }
    /// The outside has let go: no more callbacks; libcurl is to stop, and to close the connection when nobody else uses
    /// it.
    void cancel();
    /// Its end is being told: nothing more is.
    void forget() { m_observer = nullptr; }
    bool cancelled() const { return m_observer == nullptr; }

    void pause();
    /// True when libcurl must be told to go on.
    bool resume();
    bool paused() const { return m_paused; }
    void setDeadline(Millis fromNow);
    /// Which of its times has run out, as a sentence, or nothing.
    const char *expired(Clock::time_point now) const;

    UpstreamEnd endOf(CURLcode code) const;

private:
    static std::size_t onHeader(char *data, std::size_t size, std::size_t count, void *self);
    static std::size_t onBody(char *data, std::size_t size, std::size_t count, void *self);
    static std::size_t onRead(char *buffer, std::size_t size, std::size_t count, void *self);
    static int onSeek(void *self, curl_off_t offset, int origin);
    static int onSend(void *self, char *, char *, int, int);

    void setCallOptions();
    void setHeaders();
    void setBody();
    bool header(std::string_view line);

    CURL *m_easy;
    UpstreamRequest m_request;
    UpstreamObserver *m_observer;
    curl_slist *m_slist = nullptr;
    curl_slist *m_credential = nullptr; ///< in m_slist: wiped when the call is over
    std::string m_joined;               ///< a small body in one piece, so that head and body leave in one packet
    std::size_t m_bodySize = 0;
    std::size_t m_piece = 0, m_offset = 0; ///< how far the upload is
    int m_status = 0;
    std::size_t m_headerBytes = 0;
    std::vector<NamedValue> m_headers;
    bool m_headDone = false;
    bool m_paused = false;
    bool m_curlPaused = false; ///< libcurl was told to keep what it has
    Clock::time_point m_startedAt = Clock::now();
    std::optional<Clock::time_point> m_sentAt;
    Clock::time_point m_lastByte{};
    std::optional<Clock::time_point> m_deadline;
    char m_error[CURL_ERROR_SIZE] = {};
};

} // namespace keymux
