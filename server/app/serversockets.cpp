// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serversockets.h"

#include "log/log.h"

#include <QtGlobal>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <unistd.h>

namespace keymux {

namespace {

constexpr int firstPassed = 3; ///< SD_LISTEN_FDS_START
constexpr int mostPassed = 64;

std::optional<long> numberIn(const char *variable)
{
    const char *text = std::getenv(variable);
    if (!text)
        return std::nullopt;
    const std::string_view digits(text);
    long number = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} && end == digits.data() + digits.size() ? number : -1;
}

std::vector<std::string> namesOf(std::string_view list)
{
    std::vector<std::string> names;
    while (!list.empty()) {
        const std::size_t colon = std::min(list.find(':'), list.size());
        names.emplace_back(list.substr(0, colon));
        list.remove_prefix(std::min(colon + 1, list.size()));
    }
    return names;
}

tl::unexpected<Error> notForUs(const NamedSocket &passed, const std::string &why)
{
    return failure("bad_socket", "the service manager passed a socket on " + passed.socket.address().toString() +
                                     (passed.name.empty() ? "" : " named `" + passed.name + '`') + ", " + why +
                                     "; say what it is for in its unit: FileDescriptorName=client or "
                                     "FileDescriptorName=admin");
}

void sayWhichAddressWins(const char *field, const std::string &configured, const ListenAddress &passed)
{
    const auto wanted = ListenAddress::parse(configured);
    if (wanted && !wanted->isServedBy(passed))
        qCInfo(lcServer, "%s is %s, but the service manager passed a socket on %s: that one is used", field,
               configured.c_str(), passed.toString().c_str());
}

} // namespace

Result<std::vector<NamedSocket>> takePassedSockets()
{
    std::vector<NamedSocket> passed;
    const auto count = numberIn("LISTEN_FDS");
    const auto pid = numberIn("LISTEN_PID");
    const char *list = std::getenv("LISTEN_FDNAMES");
    const std::vector<std::string> names = namesOf(list ? list : "");
    for (const char *variable : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
        qunsetenv(variable);
    if (!count)
        return passed;
    if (pid != long(getpid())) {
        // Inherited from a parent that was started by a socket: not ours, and not to be touched.
        qCInfo(lcServer, "LISTEN_FDS is meant for another process (LISTEN_PID is not ours) and is ignored");
        return passed;
    }
    if (*count < 0 || *count > mostPassed)
        return failure("bad_environment", "LISTEN_FDS must be a number up to " + std::to_string(mostPassed));
    if (list && names.size() != std::size_t(*count))
        return failure("bad_environment", "LISTEN_FDNAMES has " + std::to_string(names.size()) + " names for " +
                                              std::to_string(*count) + " sockets");
    for (int i = 0; i < int(*count); ++i) {
        auto socket = ListeningSocket::adopt(firstPassed + i);
        if (!socket)
            return failure(socket.error().code, "of the sockets that the service manager passed, " +
                                                    socket.error().message +
                                                    "; its socket unit needs ListenStream= with an address and a port, "
                                                    "and Accept=no");
        passed.push_back({std::move(*socket), list ? names[std::size_t(i)] : std::string()});
    }
    return passed;
}

Result<ServerSockets> assignPassed(std::vector<NamedSocket> passed, const ServerOptions &options)
{
    ServerSockets sockets;
    const auto client = ListenAddress::parse(options.listen), admin = ListenAddress::parse(options.adminListen);
    const bool alone = passed.size() == 1;
    for (NamedSocket &one : passed) {
        const ListenAddress &address = one.socket.address();
        // Without FileDescriptorName= a socket is named after its unit.
        const bool named = one.name == "client" || one.name == "admin";
        const bool isClient = named ? one.name == "client" : client && client->isServedBy(address);
        const bool isAdmin = named ? one.name == "admin" : !isClient && admin && admin->isServedBy(address);
        if (isAdmin && sockets.admin)
            return notForUs(one, "but the admin listener has one already");
        if (isAdmin)
            sockets.admin = std::move(one.socket);
        else if (isClient || alone)
            sockets.client.push_back(std::move(one.socket));
        else
            return notForUs(one, "which is neither server.listen (" + options.listen + ") nor server.admin_listen (" +
                                     options.adminListen + ')');
    }
    if (!sockets.client.empty())
        sayWhichAddressWins("server.listen", options.listen, sockets.client.front().address());
    if (sockets.admin)
        sayWhichAddressWins("server.admin_listen", options.adminListen, sockets.admin->address());
    return sockets;
}

void addHandedOver(ServerSockets &sockets, std::vector<NamedSocket> handedOver, const ServerOptions &options)
{
    const auto client = ListenAddress::parse(options.listen), admin = ListenAddress::parse(options.adminListen);
    const bool wantsClient = sockets.client.empty(), wantsAdmin = !sockets.admin;
    for (NamedSocket &one : handedOver) {
        const ListenAddress &address = one.socket.address();
        if (one.name == "client" && wantsClient && client && client->isServedBy(address))
            sockets.client.push_back(std::move(one.socket));
        else if (one.name == "admin" && wantsAdmin && admin && admin->isServedBy(address))
            sockets.admin = std::move(one.socket);
    }
}

Result<void> openMissing(ServerSockets &sockets, const ServerOptions &options, int workers)
{
    if (!sockets.admin) {
        auto address = ListenAddress::parse(options.adminListen);
        if (!address)
            return tl::unexpected(address.error());
        auto socket = ListeningSocket::open(*address, false);
        if (!socket)
            return tl::unexpected(socket.error());
        sockets.admin = std::move(*socket);
    }
    if (!sockets.client.empty())
        return {};
    auto address = ListenAddress::parse(options.listen);
    if (!address)
        return tl::unexpected(address.error());
    for (int i = 0; i < workers; ++i) {
        auto socket = ListeningSocket::open(*address, true, i == 0);
        if (!socket)
            return tl::unexpected(socket.error());
        sockets.client.push_back(std::move(*socket));
    }
    return {};
}

Result<std::vector<std::vector<ListeningSocket>>> socketsOfWorkers(const std::vector<ListeningSocket> &sockets,
                                                                   int workers)
{
    std::vector<std::vector<ListeningSocket>> result(std::size_t(std::max(workers, 1)));
    for (std::size_t i = 0; i < std::max(sockets.size(), result.size()); ++i) {
        auto socket = sockets[i % sockets.size()].duplicate();
        if (!socket)
            return tl::unexpected(socket.error());
        result[i % result.size()].push_back(std::move(*socket));
    }
    return result;
}

} // namespace keymux
