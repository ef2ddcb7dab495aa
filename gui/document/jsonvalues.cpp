// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/jsonvalues.h"

#include <QStringList>

using namespace Qt::StringLiterals;

namespace keymux::gui {

QString textOf(const Json &value)
{
    if (value.is_string())
        return QString::fromStdString(value.get<std::string>());
    if (value.is_number() || value.is_boolean())
        return QString::fromStdString(value.dump());
    if (!value.is_array())
        return {};
    QStringList parts;
    for (const Json &part : value)
        parts.append(textOf(part));
    return parts.join(u", "_s);
}

const Json *memberOfJson(const Json *node, const std::string &member)
{
    if (!node || !node->is_object())
        return nullptr;
    const auto it = node->find(member);
    return it == node->end() ? nullptr : &*it;
}

} // namespace keymux::gui
