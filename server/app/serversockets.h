// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "http/listeningsocket.h"

#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// The sockets a server listens on. What is missing it opens itself.
struct ServerSockets {
    std::vector<ListeningSocket> client; ///< one for each worker, or as many as there are
    std::optional<ListeningSocket> admin;
};

/// A socket that was opened for us, with what it is called; the name may be empty.
struct NamedSocket {
    ListeningSocket socket;
    std::string name;
};

/// The sockets the service manager that started this process has opened for it: $LISTEN_FDS, $LISTEN_PID and
/// $LISTEN_FDNAMES of sd_listen_fds(3), which are taken out of the environment. None when there are none, or when they
/// are meant for another process. Errors: `bad_socket`, `bad_environment`. Call it before anything opens files.
Result<std::vector<NamedSocket>> takePassedSockets();

/// Who gets which: by the names `client` and `admin`, else by the configured address, else a single one is for clients.
/// The address of a passed socket wins, and the log says so where the config has another. Error `bad_socket` names the
/// socket that nobody can use, and how to name it.
Result<ServerSockets> assignPassed(std::vector<NamedSocket> passed, const ServerOptions &options);

/// Adds the sockets of a server that hands over, by their names, to where the service manager passed none. One on an
/// address that is not configured any more is closed.
void addHandedOver(ServerSockets &sockets, std::vector<NamedSocket> handedOver, const ServerOptions &options);

/// Opens what is missing: as many sockets for clients as there are workers.
Result<void> openMissing(ServerSockets &sockets, const ServerOptions &options, int workers);

/// For each worker the sockets it accepts from, as descriptors of their own: every socket has a worker and every worker
/// a socket, whatever their numbers.
Result<std::vector<std::vector<ListeningSocket>>> socketsOfWorkers(const std::vector<ListeningSocket> &sockets,
                                                                   int workers);

} // namespace keymux
