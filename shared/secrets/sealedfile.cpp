// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/sealedfile.h"

#include "secrets/secretsource.h"

#include <algorithm>
#include <optional>
#include <sodium.h>

namespace keymux {

namespace {

constexpr std::string_view firstLine = "keymux-sealed-store 1";
constexpr std::string_view checkName = "";
constexpr std::string_view checkValue = "keymux";
constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;

unsigned char *bytes(std::string &text)
{
    return reinterpret_cast<unsigned char *>(text.data());
}

const unsigned char *bytes(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

std::string seal(std::string_view name, std::string_view value, const MasterKey &key)
{
    std::string clear;
    clear.reserve(name.size() + 1 + value.size());
    clear.append(name).push_back('\0');
    clear.append(value);
    std::string box(overhead + clear.size(), '\0');
    randombytes_buf(box.data(), crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(bytes(box) + crypto_secretbox_NONCEBYTES, bytes(clear), clear.size(), bytes(box),
                          key.bytes());
    wipe(clear);
    return box;
}

/// The value, when it was sealed under this name with this key; to be wiped.
std::optional<std::string> unseal(std::string_view name, std::string_view box, const MasterKey &key)
{
    if (box.size() < overhead)
        return std::nullopt;
    std::string clear(box.size() - overhead, '\0');
    const bool opened =
        crypto_secretbox_open_easy(bytes(clear), bytes(box) + crypto_secretbox_NONCEBYTES,
                                   box.size() - crypto_secretbox_NONCEBYTES, bytes(box), key.bytes()) == 0;
    std::optional<std::string> value;
    if (opened && clear.size() > name.size() && clear.starts_with(name) && clear[name.size()] == '\0')
        value = clear.substr(name.size() + 1);
    wipe(clear);
    return value;
}

std::string encoded(std::string_view raw)
{
    std::string text(sodium_base64_ENCODED_LEN(raw.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes(raw), raw.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return text;
}

std::optional<std::string> decoded(std::string_view text)
{
    std::string raw(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(bytes(raw), raw.size(), text.data(), text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return std::nullopt;
    raw.resize(size);
    return raw;
}

} // namespace

bool isSealedName(std::string_view name)
{
    return !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.';
    });
}

SealedFile SealedFile::sealedWith(const MasterKey &key)
{
    SealedFile file;
    file.m_check = seal(checkName, checkValue, key);
    return file;
}

Result<SealedFile> SealedFile::parse(std::string_view text)
{
    SealedFile file;
    for (int line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        const std::string_view content = text.substr(0, end);
        const std::size_t space = content.find(' ');
        const std::string_view name = content.substr(0, space);
        const auto damaged = [&] { return failure("secret_bad", "damaged in line " + std::to_string(line)); };
        if (end == std::string_view::npos || space == std::string_view::npos)
            return damaged();
        if (line == 1) {
            if (content != firstLine)
                return failure("secret_bad", "no sealed store of this version of keymuxd");
        } else {
            auto box = decoded(content.substr(space + 1));
            if (!box || box->size() < overhead || (line == 2 ? name != "check" : !isSealedName(name)))
                return damaged();
            if (line == 2)
                file.m_check = std::move(*box);
            else if (!file.m_boxes.emplace(name, std::move(*box)).second)
                return damaged();
        }
        text.remove_prefix(end + 1);
    }
    if (file.m_check.empty())
        return failure("secret_bad", "damaged: it has no check");
    return file;
}

std::string SealedFile::text() const
{
    std::string text(firstLine);
    text.append("\ncheck ").append(encoded(m_check)).push_back('\n');
    for (const auto &[name, box] : m_boxes)
        text.append(name).append(" ").append(encoded(box)).push_back('\n');
    return text;
}

bool SealedFile::opensWith(const MasterKey &key) const
{
    return unseal(checkName, m_check, key) == checkValue;
}

std::vector<std::string> SealedFile::names() const
{
    std::vector<std::string> names;
    names.reserve(m_boxes.size());
    for (const auto &[name, box] : m_boxes)
        names.push_back(name);
    sortSecretNames(names);
    return names;
}

Result<Secret> SealedFile::open(const std::string &name, const MasterKey &key) const
{
    const auto box = m_boxes.find(name);
    if (box == m_boxes.end())
        return failure("secret_missing",
                       "the sealed store has no " + name + "; add it with `keymuxd secret set " + name + "`");
    auto value = unseal(name, box->second, key);
    if (!value)
        return failure("secret_bad",
                       name + " in the sealed store is damaged; set it again with `keymuxd secret set " + name + "`");
    auto secret = secretFrom(*value, name + " in the sealed store");
    wipe(*value);
    return secret;
}

void SealedFile::put(const std::string &name, std::string_view value, const MasterKey &key)
{
    m_boxes[name] = seal(name, value, key);
}

Result<SealedFile> SealedFile::resealed(const MasterKey &from, const MasterKey &to) const
{
    SealedFile file = sealedWith(to);
    for (const auto &[name, box] : m_boxes) {
        auto value = unseal(name, box, from);
        if (!value)
            return failure("secret_bad", name + " in the sealed store is damaged; remove it or set it again first");
        file.put(name, *value, to);
        wipe(*value);
    }
    return file;
}

} // namespace keymux
