// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/vaultpath.h"

#include "remotesecrets/sourcehttp.h"

#include <algorithm>

namespace keymux {

std::optional<VaultPath> VaultPath::parse(std::string_view text)
{
    if (text.starts_with('/'))
        text.remove_prefix(1);
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('/', at), text.size());
        const std::string_view part = text.substr(at, end - at);
        if (part.empty() || part == "." || part == "..")
            return std::nullopt;
        at = end + 1;
    }
    constexpr std::string_view data = "/data/";
    const std::size_t api = text.find(data);
    const std::size_t cut = api != std::string_view::npos ? api : text.find('/');
    if (cut == std::string_view::npos)
        return std::nullopt;
    const std::size_t skip = api != std::string_view::npos ? data.size() : 1;
    return VaultPath{std::string(text.substr(0, cut)), std::string(text.substr(cut + skip))};
}

std::string VaultPath::dataUrl() const
{
    return urlEscaped(mount, "/") + "/data/" + urlEscaped(path, "/");
}

std::string VaultPath::metadataUrl() const
{
    return urlEscaped(mount, "/") + "/metadata/" + urlEscaped(path, "/");
}

} // namespace keymux
