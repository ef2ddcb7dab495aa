// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace keymux {

/// A file about to be replaced by rename: whoever reads it sees the old text or the new one, whole, also after kill -9.
/// A symbolic link stays; what it points to is replaced. Mode and owner are kept.
class PoolFileReplacement {
public:
    /// Writes the text beside the file and waits for the disk. Errors: `config_read_only`, `disk_full`,
    /// `config_unwritable`; then nothing has changed.
    static Result<PoolFileReplacement> prepare(const std::string &path, std::string_view text);
    ~PoolFileReplacement(); ///< takes the new text away unless it was committed
    PoolFileReplacement(PoolFileReplacement &&other) noexcept;
    PoolFileReplacement &operator=(PoolFileReplacement &&) = delete;

    /// Puts it in place and waits for the disk.
    Result<void> commit();

private:
    PoolFileReplacement(std::string target, std::string fresh) : m_target(std::move(target)), m_fresh(std::move(fresh))
    {
    }
    std::string m_target, m_fresh;
};

/// May the file be replaced, as far as permissions tell?
bool isReplaceable(const std::string &path);

} // namespace keymux
