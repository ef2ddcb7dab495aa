// SPDX-License-Identifier: GPL-3.0-or-later
// Any head of a request: refused with a status, or read in exactly one way.
#include "fuzz.h"
#include "http/httphead.h"

using namespace keymux;
using fuzz::must;

namespace {

void check(const HttpHead &head)
{
    must(!head.request.method.empty(), "a request has a method");
    must(head.request.path.starts_with('/') || (head.request.method == "OPTIONS" && head.request.path == "*"),
         "a request has a path");
    must(head.contentLength >= 0, "a length is no less than nothing");
    must(!head.chunked || head.contentLength == 0, "a body has one framing");
    for (const auto &[name, value] : head.request.headers) {
        must(!name.empty() && name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ \r\n:") == std::string::npos,
             "names are lower case tokens");
        must(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "values are one line");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    // The listener gives what ends with the first empty line.
    const std::size_t end = text.find("\r\n\r\n");
    const std::string block =
        end == std::string_view::npos ? std::string(text) + "\r\n\r\n" : std::string(text.substr(0, end + 4));
    const auto head = readHttpHead(block);
    if (!head) {
        must(head.error().status >= 400 && head.error().status <= 505, "a refusal has a status");
        must(!head.error().message.empty() && head.error().message.size() < 1000, "a refusal says why");
        return 0;
    }
    check(*head);
    return 0;
}
