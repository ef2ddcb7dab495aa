// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serve.h"

#include "app/demo.h"
#include "app/process.h"
#include "app/server.h"
#include "app/servicemanager.h"
#include "app/signals.h"
#include "cli/configlookup.h"
#include "log/log.h"
#include "log/logring.h"
#include "store/credentials.h"
#include "store/statelock.h"

#include <QCoreApplication>
#include <QScopeGuard>
#include <algorithm>
#include <cstdio>
#include <thread>

namespace keymux {

namespace {

/// Results go to stdout at once: scripts wait for these lines.
void print(const std::string &line)
{
    std::fputs((line + '\n').c_str(), stdout);
    std::fflush(stdout);
}

int failed(const std::string &message)
{
    std::fputs(("keymuxd: " + message + '\n').c_str(), stderr);
    return 1;
}

/// A flag beats the file.
std::function<void(ServerOptions &)> overridesOf(const ServeOptions &options)
{
    return [options](ServerOptions &server) {
        if (options.listen)
            server.listen = *options.listen;
        if (options.adminListen)
            server.adminListen = *options.adminListen;
        if (options.virtualKeyFrom)
            server.virtualKeyFrom = *options.virtualKeyFrom;
        if (options.adminTokenFrom)
            server.adminTokenFrom = *options.adminTokenFrom;
    };
}

/// The secret a reference in the server section names; absent when there is no reference.
Result<std::optional<Secret>> given(const std::string &reference, const PoolLoader &loader, const PoolConfig &config)
{
    if (reference.empty())
        return std::optional<Secret>();
    auto secret = loader.secrets().resolveNow(reference, config.secrets);
    if (!secret)
        return tl::unexpected(secret.error());
    return std::optional<Secret>(std::move(*secret));
}

std::optional<std::string_view> viewOf(const std::optional<Secret> &secret)
{
    return secret ? std::optional(secret->reveal()) : std::nullopt;
}

int workersFor(const ServeOptions &options)
{
    if (options.workers > 0)
        return options.workers;
    return std::max(1, int(std::thread::hardware_concurrency()));
}

std::string joined(const std::vector<std::string> &lines)
{
    std::string all;
    for (const std::string &line : lines)
        all += (all.empty() ? "" : "\n") + line;
    return all;
}

/// Loads config, keys and credentials. Prints the first virtual key when one was made.
Result<ServerSetup> prepare(const ServeOptions &options, const std::string &stateDir, const std::string &configPath,
                            TimePoint now, std::string &firstKey)
{
    ServerSetup setup;
    setup.stateDir = stateDir;
    setup.workers = workersFor(options);
    setup.loader = std::make_unique<PoolLoader>(configPath, options.allowLiteralKeys, overridesOf(options), stateDir);
    auto loaded = setup.loader->load(1, now);
    if (!loaded) {
        return failure("config_invalid", "the pool config cannot be used:\n" + joined(loaded.error().problems));
    }
    setup.pool = std::move(*loaded);
    setup.prices = std::make_unique<PriceSource>(options.prices, stateDir);
    auto prices = setup.prices->load();
    if (!prices)
        return failure("prices_invalid", "the price list cannot be used:\n" + joined(prices.error()));
    setup.priceTable = std::move(*prices);
    const PoolConfig &config = setup.pool.active->config();

    auto store = VirtualKeyStore::open(stateDir);
    if (!store)
        return tl::unexpected(store.error());
    setup.store = std::move(*store);
    auto adminStores = AdminStores::open(setup.store->database());
    if (!adminStores)
        return tl::unexpected(adminStores.error());
    setup.adminStores = std::move(*adminStores);
    auto usage = UsageStore::open(setup.store->database(), {options.usageDays, options.usageRows});
    if (!usage)
        return tl::unexpected(usage.error());
    setup.usage = std::move(*usage);
    auto virtualKey = given(config.server.virtualKeyFrom, *setup.loader, config);
    if (!virtualKey)
        return tl::unexpected(virtualKey.error());
    auto first = ensureFirstVirtualKey(*setup.store, stateDir, viewOf(*virtualKey), {}, now);
    if (!first)
        return tl::unexpected(first.error());
    firstKey = first->value_or(std::string());

    auto adminToken = given(config.server.adminTokenFrom, *setup.loader, config);
    if (!adminToken)
        return tl::unexpected(adminToken.error());
    auto token = ensureAdminToken(stateDir, viewOf(*adminToken));
    if (!token)
        return tl::unexpected(token.error());
    setup.adminToken = std::move(*token);
    return setup;
}

std::string stateFlagFor(const ServeOptions &options, const std::string &stateDir)
{
    // The demo must not mix its keys with those of a real gateway of the same user.
    return options.demo && options.state.empty() ? stateDir + "/demo" : std::string();
}

int run(const ServeOptions &options, const LogRing &log)
{
    auto passed = takePassedSockets(); // before anything opens files
    if (!passed)
        return failed(passed.error().message);
    Signals signals; // before any thread starts: they inherit what is blocked
    SystemClock clock;
    auto stateDir = openStateDir(options.state);
    if (stateDir) {
        if (const std::string demoDir = stateFlagFor(options, *stateDir); !demoDir.empty())
            stateDir = openStateDir(demoDir);
    }
    if (!stateDir)
        return failed(stateDir.error().message);
    auto lock = StateLock::take(*stateDir);
    if (!lock)
        return failed(lock.error().message);

    Demo demo;
    auto configPath = options.demo ? demo.start(*stateDir) : findConfig(options.config);
    if (!configPath)
        return failed(configPath.error().message);
    std::string firstKey;
    auto setup = prepare(options, *stateDir, *configPath, clock.now(), firstKey);
    if (!setup)
        return failed(setup.error().message);
    auto sockets = assignPassed(std::move(*passed), setup->pool.active->config().server);
    if (!sockets)
        return failed(sockets.error().message);
    setup->sockets = std::move(*sockets);
    setup->log = &log;
    if (!firstKey.empty())
        print("Virtual Key: " + firstKey);

    Server server(std::move(*setup), clock);
    QObject::connect(&signals, &Signals::reload, &server, [&server] {
        tellServiceManagerOfReload();
        server.reload();
        tellServiceManager("READY=1");
    });
    QObject::connect(&signals, &Signals::terminate, &server, [&server] {
        tellServiceManager("STOPPING=1");
        server.terminate();
    });
    QObject::connect(&server, &Server::finished, QCoreApplication::instance(), &QCoreApplication::quit,
                     Qt::QueuedConnection);
    if (auto started = server.start(); !started)
        return failed(started.error().message);
    print("keymuxd ready: " + server.clientUrl() + " admin " + server.adminUrl());
    tellServiceManager("READY=1\nSTATUS=serving clients on " + server.clientUrl());
    if (options.demo)
        print(demo.invitation(server.clientUrl(), *stateDir, firstKey));
    return QCoreApplication::exec();
}

} // namespace

int serve(const ServeOptions &options)
{
    raiseOpenFilesLimit();
    forbidCoreDumps();
    ignoreBrokenPipes();
    // Qt's own event dispatcher is a third faster than GLib's, and the server has no use for GLib.
    qputenv("QT_NO_GLIB", "1");
    startLogging(options.logFormat == "json" ? LogFormat::Json : LogFormat::Text, options.logLevel);
    LogRing log;
    keepLogLines(&log);
    const auto forgetLog = qScopeGuard([] { keepLogLines(nullptr); }); // the last thread that logs has ended by then
    const CurlRuntime curl;
    int argc = 1;
    char name[] = "keymuxd";
    char *argv[] = {name, nullptr};
    QCoreApplication application(argc, argv);
    qunsetenv("QT_NO_GLIB"); // only the keychain's thread asks for it from here on: libsecret answers by way of GLib
    return run(options, log);
}

} // namespace keymux
