// SPDX-License-Identifier: GPL-3.0-or-later
#include "wire.h"

#include <algorithm>
#include <charconv>

namespace keymux::bench {

namespace {

constexpr std::string_view streamMark = R"("user":"stream-)";
constexpr std::string_view momentMark = R"("content":"at )";

/// `count` words of plain text.
std::string words(int count)
{
    static constexpr std::string_view text[] = {"gateway", "measures", "the", "time", "between", "two", "answers"};
    std::string out;
    for (int i = 0; i < count; ++i) {
        out += i ? " " : "";
        out += text[std::size_t(i) % std::size(text)];
    }
    return out;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return text;
}

template <typename T>
std::optional<T> number(std::string_view text, int base = 10)
{
    T value{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (read.ec != std::errc{} || read.ptr == text.data())
        return std::nullopt;
    return value;
}

} // namespace

std::int64_t nowNs()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string chatRequest(std::optional<int> stream)
{
    std::string body = R"({"model":"bench-model","messages":[{"role":"system","content":")" + words(20) +
                       R"("},{"role":"user","content":")" + words(40) + R"("}],"temperature":0.7,"max_tokens":256)";
    if (stream)
        body += R"(,"stream":true,)" + std::string(streamMark) + std::to_string(*stream) + '"';
    return body + '}';
}

const std::string &chatAnswer()
{
    static const std::string answer =
        R"({"id":"chatcmpl-bench","object":"chat.completion","created":1767700800,"model":"bench-model","choices":)"
        R"([{"index":0,"message":{"role":"assistant","content":")" +
        words(150) +
        R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":90,"completion_tokens":200,"total_tokens":290}})";
    return answer;
}

std::string streamEvent(std::int64_t ns)
{
    return R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767700800,"model":)"
           R"("bench-model","choices":[{"index":0,"delta":{)" +
           std::string(momentMark) + std::to_string(ns) + R"("},"finish_reason":null}]})" + "\n\n";
}

std::string lastStreamEvents()
{
    return R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767700800,"model":)"
           R"("bench-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
           "\n\ndata: [DONE]\n\n";
}

std::string usageEvent()
{
    return R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767700800,"model":)"
           R"("bench-model","choices":[],"usage":{"prompt_tokens":90,"completion_tokens":500,"total_tokens":590}})"
           "\n\n";
}

std::optional<std::int64_t> momentOf(std::string_view line)
{
    const auto at = line.find(momentMark);
    return at == std::string_view::npos ? std::nullopt : number<std::int64_t>(line.substr(at + momentMark.size()));
}

std::optional<int> streamNumberOf(std::string_view request)
{
    const auto at = request.find(streamMark);
    return at == std::string_view::npos ? std::nullopt : number<int>(request.substr(at + streamMark.size()));
}

int MessageReader::status() const
{
    const auto space = m_startLine.find(' ');
    return space == std::string::npos ? 0 : number<int>(std::string_view(m_startLine).substr(space + 1)).value_or(0);
}

void MessageReader::next()
{
    *this = {};
}

std::size_t MessageReader::feed(std::string_view bytes, std::string &body)
{
    std::size_t used = 0;
    while (used < bytes.size() && m_state != State::Complete && !m_broken) {
        const std::string_view rest = bytes.substr(used);
        if (m_state == State::Head) {
            const std::size_t before = m_head.size();
            m_head += rest;
            const auto end = m_head.find("\r\n\r\n", before > 3 ? before - 3 : 0);
            if (end == std::string::npos)
                return bytes.size();
            used += end + 4 - before;
            m_head.resize(end + 2);
            readHead();
        } else if (m_state == State::Body || m_state == State::ChunkData) {
            const auto piece = rest.substr(0, std::size_t(std::min<std::uint64_t>(m_left, rest.size())));
            body += piece;
            used += piece.size();
            m_left -= piece.size();
            if (m_left == 0)
                m_state = m_state == State::Body ? State::Complete : State::ChunkEnd;
        } else {
            used += readLine(rest);
        }
    }
    return used;
}

void MessageReader::readHead()
{
    m_startLine = m_head.substr(0, m_head.find("\r\n"));
    const std::string head = lower(m_head);
    constexpr std::string_view lengthName = "\r\ncontent-length: ";
    if (head.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos) {
        m_state = State::ChunkSize;
    } else if (const auto at = head.find(lengthName); at != std::string::npos) {
        m_left = number<std::uint64_t>(std::string_view(head).substr(at + lengthName.size())).value_or(0);
        m_state = m_left > 0 ? State::Body : State::Complete;
    } else {
        m_broken = true; // an answer that only the end of the connection ends is of no use here
    }
    m_head.clear();
}

std::size_t MessageReader::readLine(std::string_view bytes)
{
    const auto end = bytes.find('\n');
    m_line += bytes.substr(0, end);
    if (end == std::string_view::npos)
        return bytes.size();
    if (m_line.ends_with('\r'))
        m_line.pop_back();
    lineRead();
    m_line.clear();
    return end + 1;
}

void MessageReader::lineRead()
{
    if (m_state == State::ChunkEnd) {
        m_broken = !m_line.empty();
        m_state = State::ChunkSize;
    } else if (m_state == State::ChunkSize) {
        const auto size = number<std::uint64_t>(m_line, 16);
        m_broken = !size;
        m_left = size.value_or(0);
        m_state = m_left > 0 ? State::ChunkData : State::Trailer;
    } else if (m_line.empty()) {
        m_state = State::Complete;
    }
}

} // namespace keymux::bench
