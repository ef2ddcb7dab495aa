// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "secrets/masterkey.h"
#include "secrets/secret.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// The content of STATE/secrets.sealed: lines of text, first what it is, then a check by which the right master key is
/// known, then a name and its box (XSalsa20-Poly1305, a nonce for each write) a line. The name is sealed in with its
/// value, so that boxes cannot be exchanged. Names are not secret.
class SealedFile {
public:
    /// One without entries.
    static SealedFile sealedWith(const MasterKey &key);
    /// Error `secret_bad` says which line is at fault.
    static Result<SealedFile> parse(std::string_view text);
    std::string text() const;

    bool opensWith(const MasterKey &key) const;
    bool contains(const std::string &name) const { return m_boxes.count(name) > 0; }
    std::size_t size() const { return m_boxes.size(); }
    std::vector<std::string> names() const;

    /// Errors `secret_missing`, and `secret_bad` for a box that was not sealed under this name with this key.
    Result<Secret> open(const std::string &name, const MasterKey &key) const;
    void put(const std::string &name, std::string_view value, const MasterKey &key);
    void remove(const std::string &name) { m_boxes.erase(name); }
    /// The same secrets sealed with another key. Error `secret_bad` names an entry that does not open.
    Result<SealedFile> resealed(const MasterKey &from, const MasterKey &to) const;

private:
    std::string m_check;
    std::map<std::string, std::string> m_boxes; ///< nonce and box, raw
};

/// May a secret of the store have this name?
bool isSealedName(std::string_view name);

} // namespace keymux
