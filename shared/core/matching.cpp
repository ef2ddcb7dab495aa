// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/matching.h"

namespace keymux {

bool isGlob(std::string_view pattern)
{
    return pattern.find('*') != std::string_view::npos;
}

bool globMatches(std::string_view pattern, std::string_view name)
{
    const std::size_t firstStar = pattern.find('*');
    if (firstStar == std::string_view::npos)
        return pattern == name;
    const std::string_view head = pattern.substr(0, firstStar);
    if (!name.starts_with(head))
        return false;
    name.remove_prefix(head.size());
    pattern.remove_prefix(firstStar + 1);
    // Each piece between two stars is taken where it first fits; only the last one has its place fixed, at the end.
    for (;;) {
        const std::size_t star = pattern.find('*');
        if (star == std::string_view::npos)
            return name.ends_with(pattern);
        const std::string_view piece = pattern.substr(0, star);
        const std::size_t at = name.find(piece);
        if (at == std::string_view::npos)
            return false;
        name.remove_prefix(at + piece.size());
        pattern.remove_prefix(star + 1);
    }
}

} // namespace keymux
