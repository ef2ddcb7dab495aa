// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/jsonchanges.h"

#include <algorithm>
#include <set>

namespace keymux::gui {

namespace {

/// What tells an item from its neighbours; empty when nothing does.
std::string nameOf(const Json &item)
{
    if (!item.is_object())
        return item.is_string() ? item.get<std::string>() : std::string();
    for (const char *member : {"key_id", "model", "match"}) {
        if (const auto it = item.find(member); it != item.end() && it->is_string())
            return it->get<std::string>();
    }
    return {};
}

using Named = std::vector<std::pair<std::string, const Json *>>;

/// The items by name; nothing when one has none or two have the same.
bool namedItems(const Json &list, Named &into)
{
    std::set<std::string> seen;
    for (const Json &item : list) {
        std::string name = nameOf(item);
        if (name.empty() || !seen.insert(name).second)
            return false;
        into.emplace_back(std::move(name), &item);
    }
    return true;
}

const Json *itemOf(const Named &items, const std::string &name)
{
    const auto it = std::find_if(items.begin(), items.end(), [&](const auto &item) { return item.first == name; });
    return it == items.end() ? nullptr : it->second;
}

std::string below(const std::string &path, const std::string &member)
{
    return path.empty() ? member : path + "." + member;
}

std::string itemPath(const std::string &list, const std::string &name)
{
    std::string path = list;
    path.append("[").append(name).append("]");
    return path;
}

std::vector<std::string> namesIn(const Named &items, const Named &others)
{
    std::set<std::string> there;
    for (const auto &[name, item] : others)
        there.insert(name);
    std::vector<std::string> names;
    for (const auto &[name, item] : items) {
        if (there.count(name) != 0)
            names.push_back(name);
    }
    return names;
}

void compare(const Json &before, const Json &after, const std::string &path, std::vector<JsonChange> &into);

void compareObjects(const Json &before, const Json &after, const std::string &path, std::vector<JsonChange> &into)
{
    for (const auto &[name, value] : before.items()) {
        if (const auto it = after.find(name); it != after.end())
            compare(value, *it, below(path, name), into);
        else
            into.push_back({JsonChange::Kind::Removed, below(path, name), value, nullptr});
    }
    for (const auto &[name, value] : after.items()) {
        if (before.find(name) == before.end())
            into.push_back({JsonChange::Kind::Added, below(path, name), nullptr, value});
    }
}

void compareLists(const Named &before, const Named &after, const std::string &path, std::vector<JsonChange> &into)
{
    std::map<std::string, const Json *> was, is;
    for (const auto &[name, item] : before)
        was.emplace(name, item);
    for (const auto &[name, item] : after)
        is.emplace(name, item);
    for (const auto &[name, item] : before) {
        const std::string place = itemPath(path, name);
        if (const auto it = is.find(name); it != is.end())
            compare(*item, *it->second, place, into);
        else
            into.push_back({JsonChange::Kind::Removed, place, *item, nullptr});
    }
    for (const auto &[name, item] : after) {
        if (was.find(name) == was.end())
            into.push_back({JsonChange::Kind::Added, itemPath(path, name), nullptr, *item});
    }
    if (namesIn(before, after) != namesIn(after, before))
        into.push_back({JsonChange::Kind::Moved, path, nullptr, nullptr});
}

void compare(const Json &before, const Json &after, const std::string &path, std::vector<JsonChange> &into)
{
    if (before == after)
        return;
    if (before.is_object() && after.is_object()) {
        compareObjects(before, after, path, into);
        return;
    }
    Named was, is;
    if (before.is_array() && after.is_array() && namedItems(before, was) && namedItems(after, is)) {
        compareLists(was, is, path, into);
        return;
    }
    into.push_back({JsonChange::Kind::Changed, path, before, after});
}

Json merged(const Json *base, const Json &mine, const Json &theirs, const std::string &path,
            std::vector<std::string> &conflicts);

/// Of one member or item: what each side has of it; null is none. The result is absent when it is to go.
const Json *takeSide(const Json *base, const Json *mine, const Json *theirs, const std::string &path, Json &both,
                     std::vector<std::string> &conflicts)
{
    const auto same = [](const Json *a, const Json *b) { return (!a && !b) || (a && b && *a == *b); };
    if (same(mine, theirs) || same(base, theirs))
        return mine;
    if (same(base, mine))
        return theirs;
    if (!mine || !theirs) {
        conflicts.push_back(path);
        return mine;
    }
    both = merged(base, *mine, *theirs, path, conflicts);
    return &both;
}

Json mergedObjects(const Json *base, const Json &mine, const Json &theirs, const std::string &path,
                   std::vector<std::string> &conflicts)
{
    const auto member = [](const Json *object, const std::string &name) -> const Json * {
        if (!object || !object->is_object())
            return nullptr;
        const auto it = object->find(name);
        return it == object->end() ? nullptr : &*it;
    };
    Json result = Json::object();
    const auto add = [&](const std::string &name) {
        Json both;
        if (const Json *taken = takeSide(member(base, name), member(&mine, name), member(&theirs, name),
                                         below(path, name), both, conflicts))
            result[name] = *taken;
    };
    for (const auto &[name, value] : theirs.items())
        add(name);
    for (const auto &[name, value] : mine.items()) {
        if (theirs.find(name) == theirs.end())
            add(name);
    }
    return result;
}

/// In their order, or in mine where I changed it; what only I have comes behind what it follows in mine.
Json mergedLists(const Named &base, const Named &mine, const Named &theirs, const std::string &path,
                 std::vector<std::string> &conflicts)
{
    const bool moved = namesIn(base, mine) != namesIn(mine, base);
    const Named &first = moved ? mine : theirs, &second = moved ? theirs : mine;
    std::vector<std::string> order;
    for (const auto &[name, item] : first)
        order.push_back(name);
    for (std::size_t i = 0; i < second.size(); ++i) {
        if (itemOf(first, second[i].first))
            continue;
        const auto before = i == 0 ? order.end() : std::find(order.begin(), order.end(), second[i - 1].first);
        order.insert(i == 0 ? order.begin() : before == order.end() ? before : before + 1, second[i].first);
    }
    Json result = Json::array();
    for (const std::string &name : order) {
        Json both;
        if (const Json *taken = takeSide(itemOf(base, name), itemOf(mine, name), itemOf(theirs, name),
                                         itemPath(path, name), both, conflicts))
            result.push_back(*taken);
    }
    return result;
}

Json merged(const Json *base, const Json &mine, const Json &theirs, const std::string &path,
            std::vector<std::string> &conflicts)
{
    if (mine.is_object() && theirs.is_object())
        return mergedObjects(base, mine, theirs, path, conflicts);
    Named was, my, their;
    if (mine.is_array() && theirs.is_array() && namedItems(mine, my) && namedItems(theirs, their) &&
        (!base || (base->is_array() && namedItems(*base, was))))
        return mergedLists(was, my, their, path, conflicts);
    conflicts.push_back(path);
    return mine;
}

} // namespace

std::vector<JsonChange> changesBetween(const Json &before, const Json &after)
{
    std::vector<JsonChange> changes;
    compare(before, after, {}, changes);
    return changes;
}

JsonMerge merge(const Json &base, const Json &mine, const Json &theirs)
{
    JsonMerge result;
    Json both;
    const Json *taken = takeSide(&base, &mine, &theirs, {}, both, result.conflicts);
    result.document = taken ? *taken : Json::object();
    return result;
}

} // namespace keymux::gui
