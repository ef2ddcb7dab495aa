// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "configreading.h"
#include "core/keyimport.h"

namespace keymux::test {

inline constexpr const char *emptyPool = "{\n  \"providers\": {}\n}\n";

/// The document that an import makes of another; it must be possible.
inline std::string documentOf(PoolImport &import, std::string_view target = emptyPool)
{
    const auto merged = mergeImport(target, import, false);
    if (!merged)
        qFatal("not merged: %s", merged.error().message.c_str());
    return merged->text;
}

/// The notes of one kind, one a line: `LINE what: message`.
inline std::string notesOf(const PoolImport &import, ImportNote::Kind kind)
{
    std::string text;
    for (const ImportNote &note : import.notes)
        if (note.kind == kind)
            text += std::to_string(note.line) + ' ' + note.what + ": " + note.message + '\n';
    return text;
}

/// `key_id api_key`, in order.
inline std::vector<std::string> keysOf(const PoolConfig &config)
{
    std::vector<std::string> keys;
    for (const Provider &provider : config.providers)
        for (const KeyEntry &key : provider.keys)
            keys.push_back(key.keyId + ' ' + key.apiKey);
    return keys;
}

} // namespace keymux::test
