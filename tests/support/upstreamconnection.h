// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/scriptedupstream.h"

namespace keymux::testing {

/// One connection to the scripted upstream: reads requests one after another and acts out their behaviours.
class UpstreamConnection {
public:
    UpstreamConnection(ScriptedUpstream &owner, Socket socket) : m_owner(owner), m_socket(std::move(socket)) {}
    void run();

private:
    bool readRequest(UpstreamCall &call);
    bool readChunkedBody(UpstreamCall &call);
    bool fill();
    /// The next line without its end, or nothing when the connection ended.
    std::optional<std::string> line();
    bool take(std::size_t bytes, std::string &into);

    /// Acts; false when the connection is of no more use.
    bool act(const Behaviour &behaviour);
    bool sendHead(const Behaviour &behaviour, std::optional<std::size_t> length);
    bool sendBody(const Behaviour &behaviour, const std::string &body);
    bool sendEvents(const Behaviour &behaviour, const std::vector<std::string> &events);
    bool sendFlood(const Behaviour &behaviour);
    bool write(std::string_view bytes, std::string_view answer = {});
    bool writeChunk(std::string_view bytes);
    /// Waits; false when the caller left or the upstream stops.
    bool pause(Ms time);
    bool cut(const Behaviour &behaviour);
    void noteClosed();

    ScriptedUpstream &m_owner;
    Socket m_socket;
    std::string m_buffer;
    UpstreamCall m_call;
    std::vector<std::string> m_fields;
    bool m_includeUsage = false;
    std::size_t m_inputs = 1;
    std::size_t m_id = 0;
};

} // namespace keymux::testing
