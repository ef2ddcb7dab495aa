// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/curlsockets.h"

#include <QAbstractEventDispatcher>
#include <QThread>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keymux {

CurlSockets::CurlSockets(CURLM *multi, SocketReader *reader)
    : m_reader(reader), m_poller(dynamic_cast<SocketPoller *>(QThread::currentThread()->eventDispatcher()))
{
    if (!m_poller) {
        m_ownPoller = std::make_unique<NotifierPoller>();
        m_poller = m_ownPoller.get();
    }
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &CurlSockets::onSocket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
}

void CurlSockets::setOptions(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlSockets::onOpen);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlSockets::onClose);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

curl_socket_t CurlSockets::onOpen(void *self, curlsocktype, curl_sockaddr *address)
{
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    static_cast<CurlSockets *>(self)->m_connections.insert(fd);
    return fd;
}

int CurlSockets::onClose(void *self, curl_socket_t socket)
{
    auto *sockets = static_cast<CurlSockets *>(self);
    sockets->m_poller->releaseSocket(socket);
    sockets->m_connections.erase(socket);
    return ::close(socket);
}

int CurlSockets::onSocket(CURL *, curl_socket_t socket, int what, void *self, void *)
{
    auto *sockets = static_cast<CurlSockets *>(self);
    if (what == CURL_POLL_REMOVE) {
        // A connection is kept for the next call; other descriptors (the resolver's) are closed without a word.
        if (sockets->m_connections.count(socket) != 0)
            sockets->m_poller->watchSocket(socket, 0, sockets->m_reader);
        else
            sockets->m_poller->releaseSocket(socket);
        return 0;
    }
    sockets->m_poller->watchSocket(
        socket, (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U), sockets->m_reader);
    return 0;
}

} // namespace keymux
