// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfigjson.h"

#include <QByteArray>
#include <QtTest>
#include <algorithm>
#include <string>
#include <string_view>

namespace keymux::test {

/// `line:column: path: message`, one problem a line.
inline std::string listed(const std::vector<Problem> &problems)
{
    std::string text;
    for (const Problem &problem : problems)
        text += toString(problem, "").substr(1) + '\n';
    return text;
}

/// The config of a document that must be valid.
inline PoolConfig configOf(std::string_view text, const PoolConfigOptions &options = {})
{
    PoolConfigReading reading = readPoolConfig(text, options);
    if (!reading.valid())
        qFatal("not valid:\n%s\n%s", std::string(text).c_str(), listed(reading.problems).c_str());
    return std::move(reading.config);
}

/// All that is wrong with a document.
inline std::string problemsOf(std::string_view text)
{
    return listed(readPoolConfig(text).problems);
}

/// What is said of one path; empty when nothing is.
inline std::string complaintAt(std::string_view text, std::string_view path)
{
    for (const Problem &problem : readPoolConfig(text).problems) {
        if (problem.path == path)
            return problem.message;
    }
    return {};
}

/// A document whose only provider `p` has these members.
inline std::string withProvider(const std::string &members)
{
    return R"({"providers":{"p":{"base_url":"http://127.0.0.1:1/v1",)" + members + "}}}";
}

/// A document with one key that has these members beside what every key needs.
inline std::string withKey(const std::string &members)
{
    return withProvider(R"("keys":[{"api_key":"env:K","key_id":"k","priority_models":[{"model":"m"}])" +
                        (members.empty() ? "" : "," + members) + "}]");
}

/// A document with one model that has these members beside its name.
inline std::string withModel(const std::string &members)
{
    return withProvider(R"("keys":[{"api_key":"env:K","key_id":"k","priority_models":[{"model":"m")" +
                        (members.empty() ? "" : "," + members) + "}]}]");
}

/// A document with a pool of the models `m` and `n`, and this section.
inline std::string withSection(const std::string &section)
{
    return R"({"providers":{"p":{"base_url":"http://127.0.0.1:1/v1","keys":[{"api_key":"env:K","key_id":"k",)"
           R"("priority_models":[{"model":"m"},{"model":"n"}]}]}},)" +
           section + "}";
}

inline std::string routing(const std::string &members)
{
    return withSection(R"("routing":{)" + members + "}");
}

inline std::string server(const std::string &members)
{
    return withSection(R"("server":{)" + members + "}");
}

inline bool contains(std::string_view text, std::string_view what)
{
    return text.find(what) != std::string_view::npos;
}

} // namespace keymux::test
