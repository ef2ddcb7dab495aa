// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/poolcommands.h"

#include "cli/configlookup.h"
#include "cli/progress.h"
#include "core/poolconfigjson.h"
#include "secretloader/configsources.h"
#include "secretloader/secretloader.h"
#include "store/credentials.h"
#include "store/statelock.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// For all secrets together.
constexpr Millis secretPatience{60000};

int failed(std::ostream &err, const std::string &message)
{
    err << "keymuxd: " << message << '\n';
    return 1;
}

Result<std::string> readDocument(const std::string &path)
{
    if (path == "-")
        return (std::ostringstream() << std::cin.rdbuf()).str();
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return failure("config_unreadable", path + ": " + file.errorString().toStdString());
    return file.readAll().toStdString();
}

void printProblems(const std::vector<Problem> &problems, const std::string &file, bool json, std::ostream &out)
{
    if (!json) {
        for (const Problem &problem : problems)
            out << toString(problem, file) << '\n';
        return;
    }
    Json list = Json::array();
    for (const Problem &problem : problems)
        list.push_back({{"file", file},
                        {"line", problem.line},
                        {"column", problem.column},
                        {"path", problem.path},
                        {"message", problem.message}});
    out << Json{{"valid", problems.empty()}, {"problems", std::move(list)}}.dump(2, ' ', false,
                                                                                 Json::error_handler_t::replace)
        << '\n';
}

/// QtKeychain wants one; a server has its own.
std::unique_ptr<QCoreApplication> applicationIfNone()
{
    static int argc = 1;
    static char name[] = "keymuxd";
    static char *argv[] = {name, nullptr};
    return QCoreApplication::instance() ? nullptr : std::make_unique<QCoreApplication>(argc, argv);
}

/// How many enabled keys have their secret.
int resolvedKeys(const ResolvedPool &pool)
{
    int good = 0;
    std::size_t ordinal = 0;
    for (const Provider &provider : pool.config.providers) {
        for (const KeyEntry &key : provider.keys)
            good += pool.readiness.at(ordinal++).resolved && key.enabled ? 1 : 0;
    }
    return good;
}

} // namespace

int checkConfig(const CheckOptions &options, std::ostream &out, std::ostream &err)
{
    const auto text = readDocument(options.file);
    if (!text)
        return failed(err, text.error().message);
    const PoolConfigReading reading = readPoolConfig(*text, {.allowLiteralKeys = options.allowLiteralKeys});
    printProblems(reading.problems, options.file, options.json, out);
    if (reading.valid())
        err << options.file << ": the pool config is valid\n";
    return reading.valid() ? 0 : 1;
}

namespace {

int columnsOf(int terminal)
{
    winsize size{};
    return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// Tells of each key what its provider says; how many were refused.
int probed(const ResolvedPool &pool, const ProbeKeys &probeKeys, std::ostream &err)
{
    const bool terminal = &err == &std::cerr && isatty(STDERR_FILENO) == 1;
    Progress progress(err, terminal, columnsOf(STDERR_FILENO));
    int taken = 0, refused = 0, unknown = 0;
    probeKeys(pool, [&](const KeyVerdict &verdict, int done, int all) {
        ++(verdict.kind == KeyVerdict::Kind::Good      ? taken
           : verdict.kind == KeyVerdict::Kind::Refused ? refused
                                                       : unknown);
        // On a terminal the bar tells of the good ones.
        if (!terminal || verdict.kind != KeyVerdict::Kind::Good)
            progress.line("key " + verdict.keyId + ": " + verdict.message);
        progress.step(done, all);
    });
    progress.end();
    err << "keymuxd: " << taken << " keys are taken by their providers, " << refused << " are refused, of " << unknown
        << " nothing is known\n";
    return refused;
}

} // namespace

int bootstrap(const BootstrapOptions &options, TimePoint now, const ProbeKeys &probeKeys, std::ostream &out,
              std::ostream &err)
{
    const auto path = findConfig(options.config);
    if (!path)
        return failed(err, path.error().message);
    const auto text = readDocument(*path);
    if (!text)
        return failed(err, text.error().message);
    const PoolConfigReading reading = readPoolConfig(*text, {.allowLiteralKeys = options.allowLiteralKeys});
    if (!reading.valid()) {
        printProblems(reading.problems, *path, false, err);
        return 1;
    }
    const auto stateDir = openStateDir(options.state);
    if (!stateDir)
        return failed(err, stateDir.error().message);
    const auto application = applicationIfNone();
    SecretLoader secrets(
        resolverMaker({.secretDir = {},
                       .baseDir = QFileInfo(QString::fromStdString(*path)).absolutePath().toStdString(),
                       .stateDir = *stateDir,
                       .env = nullptr,
                       .allowLiteralKeys = options.allowLiteralKeys}));
    const ResolvedPool pool = secrets.load(std::make_shared<const PoolConfig>(reading.config), secretPatience);
    for (const std::string &sentence : pool.unresolved)
        err << "keymuxd: " << sentence << '\n';

    auto store = VirtualKeyStore::open(*stateDir);
    if (!store)
        return failed(err, store.error().message);
    std::optional<Secret> given;
    const std::string reference = options.virtualKeyFrom.value_or(reading.config.server.virtualKeyFrom);
    if (!reference.empty()) {
        auto secret = secrets.resolveNow(reference, reading.config.secrets);
        if (!secret)
            return failed(err, "the virtual key: " + secret.error().message);
        given = std::move(*secret);
    }
    const auto view = given ? std::optional(given->reveal()) : std::nullopt;
    const std::string keyFile = options.virtualKeyFile.empty() ? *stateDir + "/virtual-key" : options.virtualKeyFile;
    const auto first = ensureFirstVirtualKey(**store, *stateDir, view, keyFile, now);
    if (!first)
        return failed(err, first.error().message);
    if (*first)
        out << "Virtual Key: " << **first << std::endl;
    else if (given)
        out << "Virtual Key: " << given->reveal() << std::endl;
    else
        err << "keymuxd: there are virtual keys already; none was minted\n";
    const int good = resolvedKeys(pool);
    err << "keymuxd: " << good << " keys have their secret, " << pool.missing << " have not\n";
    if (options.probe && good > 0 && probed(pool, probeKeys, err) == good)
        return failed(err, "every key of the pool was refused by its provider; replace them where they come from");
    return good > 0 ? 0 : failed(err, "no key of the pool is usable");
}

} // namespace keymux
