// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listeningsocket.h"

#include <charconv>

namespace keymux {

Result<ListenAddress> ListenAddress::parse(std::string_view text)
{
    const auto bad = [&] {
        return failure("bad_address",
                       "`" + std::string(text.substr(0, 128)) +
                           "` is no address to listen on; write it as 127.0.0.1:4000, [::1]:4000 or :4000");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return bad();
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    ListenAddress address;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (port.empty() || error != std::errc{} || end != port.data() + port.size())
        return bad();
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    if (host.empty() || host == "*")
        address.host = QHostAddress(QHostAddress::AnyIPv4);
    else if (host == "localhost")
        address.host = QHostAddress(QHostAddress::LocalHost);
    else if (!address.host.setAddress(QString::fromUtf8(host.data(), qsizetype(host.size()))))
        return bad();
    return address;
}

std::string ListenAddress::toString() const
{
    const std::string name = host.toString().toStdString();
    return (name.find(':') == std::string::npos ? name : '[' + name + ']') + ':' + std::to_string(port);
}

} // namespace keymux
