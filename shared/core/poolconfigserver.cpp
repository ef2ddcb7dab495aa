// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/poolconfigreader.h"

#include <algorithm>
#include <charconv>

namespace keymux {

namespace {

/// A field a later version will honour: its type is checked, and a value other than the default is refused.
constexpr Millis leastValidateInterval{10000};

void refuseUnlessZero(ConfigFields &fields, std::string_view name)
{
    const auto value = fields.number(name, 0);
    if (value && *value != 0)
        fields.problem(*fields.node().find(name), name, std::string(notSupported) + "; leave it out or write 0");
}

bool isPort(std::string_view text)
{
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size() && port <= 65535;
}

/// What a listener can be bound to: an address of this machine, not a name that has to be looked up.
bool isHost(std::string_view text)
{
    if (text.starts_with('[') && text.ends_with(']'))
        text = text.substr(1, text.size() - 2);
    return text.empty() || text == "*" || text == "localhost" ||
           (text.find('/') == std::string_view::npos && AddressBlock::parse(text));
}

void readAddress(ConfigFields &fields, std::string_view name, std::string &out)
{
    fields.string(name, out);
    const JsonText *value = fields.node().find(name);
    if (!value || value->kind != JsonText::Kind::String)
        return;
    const std::size_t colon = out.rfind(':');
    if (colon == std::string::npos || !isHost(std::string_view(out).substr(0, colon)) ||
        !isPort(std::string_view(out).substr(colon + 1)))
        fields.problem(*value, name,
                       "an address and a port are expected, for instance 127.0.0.1:4000, [::1]:4000 or :4000");
}

void readTrustedProxies(ConfigFields &fields, std::vector<AddressBlock> &out)
{
    std::vector<std::string> texts;
    fields.strings("trusted_proxies", texts);
    for (const std::string &text : texts) {
        if (const auto block = AddressBlock::parse(text))
            out.push_back(*block);
        else
            fields.problem(*fields.node().find("trusted_proxies"), "trusted_proxies",
                           "`" + text.substr(0, 64) + "` is neither an address nor a block such as 10.0.0.0/8");
    }
}

void readRule(const JsonText &node, const std::string &path, ConfigReading &reading)
{
    ConfigFields fields(node, path, reading.problems);
    ModelRule rule;
    fields.string("match", rule.match);
    fields.strings("models", rule.models);
    fields.reportUnknown();
    if (node.kind == JsonText::Kind::Object && rule.match.empty())
        fields.problem(node, "match", "`match` is missing: the name clients ask for, `*` standing for anything");
    if (node.kind == JsonText::Kind::Object && rule.models.empty())
        fields.problem(node, "models", "`models` is missing: what is to serve them, in order; [\"*\"] for everything");
    reading.config.routing.modelMap.push_back(std::move(rule));
}

void readCooldown(const JsonText &node, ConfigReading &reading)
{
    CooldownPolicy &policy = reading.config.routing.cooldown;
    ConfigFields fields(node, "routing.cooldown", reading.problems);
    fields.seconds("minute_s", policy.minute);
    fields.seconds("cap_s", policy.cap);
    fields.seconds("overload_s", policy.overload);
    fields.integer("failures", 1, 1000, policy.failures);
    fields.seconds("billing_s", policy.billing);
    fields.seconds("bad_key_s", policy.badKey);
    fields.reportUnknown();
}

} // namespace

void readRouting(const JsonText &node, ConfigReading &reading)
{
    Routing &routing = reading.config.routing;
    ConfigFields fields(node, "routing", reading.problems);
    if (const JsonText *rules = fields.get("model_map")) {
        routing.modelMap.clear();
        if (rules->kind != JsonText::Kind::Array)
            fields.problem(*rules, "model_map", "a list of rules is expected, not " + std::string(rules->kindName()));
        for (std::size_t i = 0; i < rules->items.size(); ++i)
            readRule(rules->items[i], "routing.model_map[" + std::to_string(i) + ']', reading);
    }
    fields.boolean("direct_fallback", routing.directFallback);
    if (const JsonText *fallbacks = fields.get("fallbacks")) {
        ConfigFields names(*fallbacks, "routing.fallbacks", reading.problems);
        for (const auto &member : fallbacks->members) {
            std::vector<std::string> targets;
            if (member.value.kind != JsonText::Kind::Null)
                names.strings(member.value, member.name, targets);
            routing.fallbacks.emplace_back(member.name, std::move(targets));
        }
    }
    fields.integer("max_attempts", 1, 1000, routing.maxAttempts);
    fields.millis("deadline_ms", 1, routing.deadline);
    refuseUnlessZero(fields, "max_wait_ms");
    const auto affinity = fields.oneOf("affinity", {"none", "prompt_prefix"});
    if (affinity && *affinity != 0)
        fields.problem(*node.find("affinity"), "affinity",
                       std::string(notSupported) + "; leave it out or write `none`");
    if (const JsonText *cooldown = fields.get("cooldown"))
        readCooldown(*cooldown, reading);
    if (const JsonText *validate = fields.get("validate")) {
        ConfigFields inner(*validate, "routing.validate", reading.problems);
        inner.seconds("interval_s", routing.validateInterval);
        if (routing.validateInterval > Millis(0) && routing.validateInterval < leastValidateInterval)
            inner.problem(*validate->find("interval_s"), "interval_s",
                          "0 (off) or at least 10 seconds is expected: providers count such calls, too");
        inner.reportUnknown();
    }
    fields.reportUnknown();
}

void readServerOptions(const JsonText &node, ConfigReading &reading)
{
    ServerOptions &server = reading.config.server;
    ConfigFields fields(node, "server", reading.problems);
    readAddress(fields, "listen", server.listen);
    readAddress(fields, "admin_listen", server.adminListen);
    readReference(fields, "virtual_key_from", server.virtualKeyFrom, reading);
    readReference(fields, "admin_token_from", server.adminTokenFrom, reading);
    readReference(fields, "metrics_token", server.metricsToken, reading);
    if (const JsonText *tls = fields.get("tls")) {
        ConfigFields inner(*tls, "server.tls", reading.problems);
        TlsFiles files;
        inner.string("cert_file", files.certFile);
        inner.string("key_file", files.keyFile);
        inner.reportUnknown();
        if (tls->kind == JsonText::Kind::Object && (files.certFile.empty() || files.keyFile.empty()))
            inner.problem(*tls, "", "both `cert_file` and `key_file` are needed");
        server.tls = std::move(files);
    }
    fields.integer("max_body_bytes", 1024, 1LL << 30, server.maxBodyBytes);
    fields.integer("max_header_bytes", 1024, 1LL << 20, server.maxHeaderBytes);
    fields.integer("max_connections", 1, 1'000'000, server.maxConnections);
    fields.integer("max_streams", 1, 1'000'000, server.maxStreams);
    fields.millis("header_timeout_ms", 1, server.headerTimeout);
    fields.millis("idle_timeout_ms", 1, server.idleTimeout);
    fields.millis("drain_delay_ms", 0, server.drainDelay);
    fields.millis("drain_timeout_ms", 0, server.drainTimeout);
    fields.millis("stream_heartbeat_ms", 0, server.streamHeartbeat);
    fields.strings("cors_origins", server.corsOrigins);
    readTrustedProxies(fields, server.trustedProxies);
    fields.reportUnknown();
}

} // namespace keymux
