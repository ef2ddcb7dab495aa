// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keyimport.h"

#include "core/keyimport_names.h"

#include <algorithm>

namespace keymux {

void PoolImport::note(ImportNote::Kind kind, int line, std::string what, std::string message, ImportNote::Reason reason)
{
    notes.push_back({kind, line, std::move(what), std::move(message), 0, reason});
}

bool PoolImport::hasBad() const
{
    return std::any_of(notes.begin(), notes.end(),
                       [](const ImportNote &note) { return note.kind == ImportNote::Kind::Bad; });
}

std::string SecretNames::referenceFor(const std::string &value, std::string_view name, int line)
{
    if (const auto known = m_byValue.find(value); known != m_byValue.end())
        return known->second;
    const std::string wished = variableOf(name);
    std::string own = wished;
    for (int n = 2; !m_taken.insert(own).second; ++n)
        own = wished + '_' + std::to_string(n);
    std::string reference =
        m_options.secretDir.empty() ? own + "_PLACEHOLDER" : "file:" + m_options.secretDir + '/' + own;
    m_byValue.emplace(value, reference);
    m_import.secrets.push_back({own, value, reference, line});
    return reference;
}

} // namespace keymux
