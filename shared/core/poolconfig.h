// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/addressblock.h"
#include "core/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

// The pool config as plain values (CONTRACT: "Pool config"). All text is UTF-8 in std::string: the hot path compares
// and sends bytes.

enum class Api : std::uint8_t { OpenAi, Gemini, Anthropic };

/// How the one credential travels to the provider.
enum class AuthStyle : std::uint8_t { Bearer, GoogleApiKey, XApiKey, ApiKey, None };

/// What a deployment can be asked to do; `Chat` also covers responses, messages and generateContent.
enum class Endpoint : std::uint8_t { Chat, Completions, Embeddings };
inline constexpr int endpointCount = 3;

/// A set of endpoints as a bit mask.
class EndpointSet {
public:
    constexpr EndpointSet() = default;
    constexpr EndpointSet(std::initializer_list<Endpoint> list)
    {
        for (Endpoint e : list)
            insert(e);
    }
    constexpr void insert(Endpoint e) { m_bits |= std::uint8_t(1U << unsigned(e)); }
    constexpr bool contains(Endpoint e) const { return (m_bits & (1U << unsigned(e))) != 0; }
    constexpr bool empty() const { return m_bits == 0; }
    bool operator==(const EndpointSet &) const = default;

private:
    std::uint8_t m_bits = 0;
};

/// The name of an endpoint as it is written in a config: `chat`, `completions`, `embeddings`.
std::string_view endpointName(Endpoint endpoint);

/// Absent means unlimited.
struct Limits {
    std::optional<std::int64_t> rpm, tpm, rpd, maxParallel;

    bool operator==(const Limits &) const = default;
};

enum class LimitsScope : std::uint8_t { Model, Key };

struct ModelEntry {
    std::string model;
    double weight = 1;
    int priority = 1;
    Limits limits;
    std::optional<std::int64_t> contextWindow; ///< tokens
    EndpointSet endpoints;                     ///< filled with the default by the reader

    bool operator==(const ModelEntry &) const = default;
};

struct KeyEntry {
    std::string keyId;
    std::string apiKey; ///< a secret reference, never a secret (but with --allow-literal-keys)
    bool enabled = true;
    Limits limits;
    LimitsScope limitsScope = LimitsScope::Model;
    std::string quotaGroup;
    std::vector<std::string> tags;
    std::vector<ModelEntry> models; ///< its own, or the provider's when it has none

    bool operator==(const KeyEntry &) const = default;
};

struct Timeouts {
    Millis connect{10000};
    Millis firstByte{300000};
    Millis idle{120000};

    bool operator==(const Timeouts &) const = default;
};

using NamedValue = std::pair<std::string, std::string>;

struct Provider {
    std::string name;
    Api api = Api::OpenAi;
    std::string baseUrl; ///< without a trailing slash
    AuthStyle auth = AuthStyle::Bearer;
    bool google = false; ///< Google's answers and day turn: a `gemini` provider in either dialect
    std::vector<NamedValue> headers;
    std::vector<std::string> forwardHeaders; ///< lower case
    std::vector<std::string> dropParams;
    std::vector<NamedValue> renameParams;
    Timeouts timeouts;
    Limits limits;
    std::vector<ModelEntry> models;
    std::string rpdResetZone = "UTC"; ///< IANA name
    bool streamUsage = false;
    std::string proxy;
    std::string caFile;
    std::vector<KeyEntry> keys;

    bool operator==(const Provider &) const = default;
};

struct ModelRule {
    std::string match;
    std::vector<std::string> models;

    bool operator==(const ModelRule &) const = default;
};

struct CooldownPolicy {
    Millis minute{30000};
    Millis cap{3600000};
    Millis overload{10000};
    int failures = 3;
    Millis billing{3600000};
    Millis badKey{3600000};

    bool operator==(const CooldownPolicy &) const = default;
};

struct Routing {
    std::vector<ModelRule> modelMap{{"*", {"*"}}};
    bool directFallback = false;
    std::vector<std::pair<std::string, std::vector<std::string>>> fallbacks;
    int maxAttempts = 6;
    Millis deadline{600000};
    CooldownPolicy cooldown;
    Millis validateInterval{0}; ///< keys that did not answer well for so long are checked; 0: none are

    bool operator==(const Routing &) const = default;
};

/// An Infisical project that keys are read from; `clientId` and `clientSecret` are secret references.
struct InfisicalOptions {
    std::string url = "https://app.infisical.com"; ///< without a slash at its end
    std::string projectId, environment, path = "/";
    std::string clientId, clientSecret;
    Millis refresh{60000};
    std::string caFile;

    bool operator==(const InfisicalOptions &) const = default;
};

/// A Vault server; `token` or `roleId` and `secretId` are secret references.
struct VaultOptions {
    std::string url; ///< without a slash at its end
    std::string token, roleId, secretId;
    std::string nameSpace;
    Millis refresh{60000};
    std::string caFile;

    bool operator==(const VaultOptions &) const = default;
};

struct SecretSources {
    std::string dir;
    std::optional<InfisicalOptions> infisical;
    std::optional<VaultOptions> vault;

    bool operator==(const SecretSources &) const = default;
};

struct TlsFiles {
    std::string certFile, keyFile;

    bool operator==(const TlsFiles &) const = default;
};

struct ServerOptions {
    std::string listen = "127.0.0.1:4000";
    std::string adminListen = "127.0.0.1:4001";
    std::string virtualKeyFrom, adminTokenFrom; ///< secret references
    std::string metricsToken;                   ///< a secret reference: what else than the admin token opens /metrics
    std::optional<TlsFiles> tls;
    std::int64_t maxBodyBytes = 32LL << 20;
    std::int64_t maxHeaderBytes = 64LL << 10;
    int maxConnections = 10000;
    int maxStreams = 5000;
    Millis headerTimeout{15000};
    Millis idleTimeout{75000};
    Millis drainDelay{0};
    Millis drainTimeout{30000};
    Millis streamHeartbeat{0};
    std::vector<std::string> corsOrigins;
    std::vector<AddressBlock> trustedProxies;

    bool operator==(const ServerOptions &) const = default;
};

struct PoolConfig {
    std::vector<Provider> providers;
    Routing routing;
    SecretSources secrets;
    ServerOptions server;

    bool operator==(const PoolConfig &) const = default;
};

} // namespace keymux
