// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keymux::bench {

/// Nanoseconds of the monotonic clock: the same for every thread and process of the machine.
std::int64_t nowNs();

/// A chat request of about 600 bytes; with a stream's number it asks for a stream.
std::string chatRequest(std::optional<int> stream = {});
/// The answer of about 1.2 KB that the upstream gives to each of them.
const std::string &chatAnswer();

/// One event of a stream, which carries the moment it was made.
std::string streamEvent(std::int64_t ns);
std::string lastStreamEvents();
/// The event that only a client that asked for usage gets.
std::string usageEvent();
/// The moment a line of a stream carries.
std::optional<std::int64_t> momentOf(std::string_view line);
/// The stream's number in a request, when it asks for one.
std::optional<int> streamNumberOf(std::string_view request);

/// FNV-1a, fed piece by piece.
class Digest {
public:
    void feed(std::string_view bytes)
    {
        for (const char c : bytes)
            m_value = (m_value ^ std::uint8_t(c)) * 1099511628211U;
        m_size += bytes.size();
    }
    bool operator==(const Digest &) const = default;

private:
    std::uint64_t m_value = 14695981039346656037U;
    std::uint64_t m_size = 0;
};

/// Reads one HTTP/1.1 message after another, request or answer: head, then a body by length or chunks.
class MessageReader {
public:
    /// Takes bytes as far as the message goes, appends its body to `body`, and says how many were used.
    std::size_t feed(std::string_view bytes, std::string &body);
    bool complete() const { return m_state == State::Complete; }
    bool broken() const { return m_broken; }
    /// The first line of the head, empty until it is whole.
    const std::string &startLine() const { return m_startLine; }
    int status() const;
    /// Makes ready for the next message.
    void next();

private:
    enum class State : std::uint8_t { Head, Body, ChunkSize, ChunkData, ChunkEnd, Trailer, Complete };
    void readHead();
    std::size_t readLine(std::string_view bytes);
    void lineRead();

    State m_state = State::Head;
    bool m_broken = false;
    std::string m_head, m_line, m_startLine;
    std::uint64_t m_left = 0;
};

} // namespace keymux::bench
