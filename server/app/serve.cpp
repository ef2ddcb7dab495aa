// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serve.h"

#include "app/demo.h"
#include "app/process.h"
#include "app/server.h"
#include "app/servicemanager.h"
#include "app/signals.h"
#include "app/takeoverclaim.h"
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

/// All that can be found wrong without touching what another server may be using: config, secrets, prices.
Result<ServerSetup> readConfig(const ServeOptions &options, const std::string &stateDir, const std::string &configPath,
                               TimePoint now)
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
    return setup;
}

/// Opens the stores and sees to the credentials. Gives the first virtual key when one was made, else an empty text.
Result<std::string> openStores(ServerSetup &setup, const ServeOptions &options, TimePoint now)
{
    const std::string &stateDir = setup.stateDir;
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

    auto adminToken = given(config.server.adminTokenFrom, *setup.loader, config);
    if (!adminToken)
        return tl::unexpected(adminToken.error());
    auto token = ensureAdminToken(stateDir, viewOf(*adminToken));
    if (!token)
        return tl::unexpected(token.error());
    setup.adminToken = std::move(*token);
    return first->value_or(std::string());
}

/// A process that finds none of its secrets, for want of the other one's credentials, is no successor to it.
Result<void> fitToTakeOver(const LoadedPool &pool)
{
    const auto resolved = [](const KeyReadiness &key) { return key.resolved; };
    if (pool.readiness.empty() || std::any_of(pool.readiness.begin(), pool.readiness.end(), resolved))
        return {};
    const std::string why = pool.unresolved.empty() ? std::string() : " (" + pool.unresolved.front() + ")";
    return failure("secrets_missing",
                   "none of the keys has a secret here" + why +
                       "; the running server goes on. Give this process the environment, credentials and files that "
                       "the running one has");
}

/// The lock on STATE from the server that runs there, or, where none does, as at any start: then there is no claim.
Result<std::unique_ptr<TakeoverClaim>> claimState(const std::string &stateDir, std::optional<StateLock> &lock)
{
    auto claim = TakeoverClaim::ask(stateDir);
    if (!claim)
        return claim;
    if (*claim) {
        lock = std::move((*claim)->lock());
        return claim;
    }
    auto own = StateLock::take(stateDir);
    if (!own)
        return failure(own.error().code, own.error().message + ". It cannot be taken over: it is ending, or of a "
                                                               "version that does not offer that");
    lock = std::move(*own);
    return claim;
}

/// What the service manager passed comes first, then what the running server hands over.
Result<ServerSockets> socketsFrom(std::vector<NamedSocket> passed, TakeoverClaim *claim, const ServerOptions &options)
{
    auto sockets = assignPassed(std::move(passed), options);
    if (sockets && claim)
        addHandedOver(*sockets, claim->takeSockets(), options);
    return sockets;
}

/// From sockets that nobody accepts from to a server that serves.
Result<void> start(Server &server, TakeoverClaim *claim)
{
    if (auto opened = server.open(); !opened)
        return opened;
    if (claim) {
        if (auto stored = claim->prepared(); !stored)
            return stored;
    }
    server.restore();
    if (claim) {
        if (auto ours = claim->taken(); !ours)
            return ours;
        // Before the other one ends, and where it alone is known to the service manager.
        tellServiceManager("MAINPID=" + std::to_string(QCoreApplication::applicationPid()));
    }
    server.accept();
    return {};
}

/// Signals reach the server, and its end ends the program.
void obey(const Signals &signals, Server &server)
{
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
    std::optional<StateLock> lock;
    if (!options.takeover) { // before anything is written there
        auto taken = StateLock::take(*stateDir);
        if (!taken)
            return failed(taken.error().message);
        lock = std::move(*taken);
    }

    Demo demo;
    auto configPath = options.demo ? demo.start(*stateDir) : findConfig(options.config);
    if (!configPath)
        return failed(configPath.error().message);
    auto setup = readConfig(options, *stateDir, *configPath, clock.now());
    if (!setup)
        return failed(setup.error().message);
    std::unique_ptr<TakeoverClaim> claim;
    if (options.takeover) {
        auto claimed = claimState(*stateDir, lock);
        if (!claimed)
            return failed(claimed.error().message);
        claim = std::move(*claimed);
        if (auto fit = fitToTakeOver(setup->pool); claim && !fit)
            return failed(fit.error().message);
    }
    setup->lock = std::move(lock);
    const auto firstKey = openStores(*setup, options, clock.now());
    if (!firstKey)
        return failed(firstKey.error().message);
    auto sockets = socketsFrom(std::move(*passed), claim.get(), setup->pool.active->config().server);
    if (!sockets)
        return failed(sockets.error().message);
    setup->sockets = std::move(*sockets);
    setup->log = &log;
    if (!firstKey->empty())
        print("Virtual Key: " + *firstKey);

    Server server(std::move(*setup), clock);
    obey(signals, server);
    if (auto started = start(server, claim.get()); !started)
        return failed(started.error().message);
    print("keymuxd ready: " + server.clientUrl() + " admin " + server.adminUrl());
    tellServiceManager("READY=1\nSTATUS=serving clients on " + server.clientUrl());
    if (options.demo)
        print(demo.invitation(server.clientUrl(), *stateDir, *firstKey));
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
