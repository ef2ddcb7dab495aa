// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/environmentsource.h"

#include "core/matching.h"

#include <cstdlib>
#include <unistd.h>

namespace keymux {

namespace {

std::vector<std::string> processNames()
{
    std::vector<std::string> names;
    for (char **entry = environ; entry && *entry; ++entry) {
        const std::string_view text = *entry;
        names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

} // namespace

EnvironmentSource::EnvironmentSource(Lookup lookup, Names names)
    : m_lookup(lookup ? std::move(lookup) : Lookup([](const char *name) { return std::getenv(name); })),
      m_names(names ? std::move(names) : Names(processNames))
{
}

Result<Secret> EnvironmentSource::read(const std::string &name, const std::string & /*field*/)
{
    const char *value = m_lookup(name.c_str());
    if (!value)
        return failure("secret_missing", "environment variable " + name + " is not set");
    return secretFrom(value, "environment variable " + name);
}

Result<std::vector<std::string>> EnvironmentSource::list(const std::string &glob)
{
    std::vector<std::string> names = m_names();
    std::erase_if(names, [&](const std::string &name) { return !globMatches(glob, name); });
    sortSecretNames(names);
    return names;
}

} // namespace keymux
