// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "upstream/notifierpoller.h"

#include <curl/curl.h>
#include <memory>
#include <unordered_set>

namespace keymux {

/// The sockets of one multi handle: opened and closed here, and watched by the thread's own dispatcher where it can do
/// that, else through one notifier. A notifier for each would cost more with every change of mind, of which libcurl has
/// several a request.
class CurlSockets {
public:
    /// The reader hears of ready sockets; it and this object must outlive the multi handle.
    CurlSockets(CURLM *multi, SocketReader *reader);

    /// To be set on every easy handle of that multi handle.
    void setOptions(CURL *easy);

private:
    static int onSocket(CURL *, curl_socket_t socket, int what, void *self, void *);
    static curl_socket_t onOpen(void *self, curlsocktype purpose, curl_sockaddr *address);
    static int onClose(void *self, curl_socket_t socket);

    SocketReader *m_reader;
    std::unique_ptr<NotifierPoller> m_ownPoller;
    SocketPoller *m_poller;
    std::unordered_set<curl_socket_t> m_connections; ///< opened by us: we hear when they are closed
};

} // namespace keymux
