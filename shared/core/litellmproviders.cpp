// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/litellmproviders.h"

#include "core/configfields.h"
#include "core/keyimport_names.h"
#include "core/knownproviders.h"

#include <algorithm>
#include <array>

namespace keymux {

namespace {

/// LiteLLM's prefixes of OpenAI-compatible providers, and the variables it takes their keys from.
struct Prefix {
    std::string_view prefix, provider, baseUrl, variable;
};
constexpr std::array prefixes{
    Prefix{"gemini", "gemini", "", "GEMINI_API_KEY"},
    Prefix{"openai", "openai", "", "OPENAI_API_KEY"},
    Prefix{"text-completion-openai", "openai", "", "OPENAI_API_KEY"},
    Prefix{"anthropic", "anthropic", "", "ANTHROPIC_API_KEY"},
    Prefix{"mistral", "mistral", "", "MISTRAL_API_KEY"},
    Prefix{"groq", "groq", "", "GROQ_API_KEY"},
    Prefix{"deepseek", "deepseek", "", "DEEPSEEK_API_KEY"},
    Prefix{"openrouter", "openrouter", "", "OPENROUTER_API_KEY"},
    Prefix{"together_ai", "together", "", "TOGETHERAI_API_KEY"},
    Prefix{"xai", "xai", "", "XAI_API_KEY"},
    Prefix{"cohere", "cohere", "", "COHERE_API_KEY"},
    Prefix{"cohere_chat", "cohere", "", "COHERE_API_KEY"},
    Prefix{"ollama", "ollama", "", ""},
    Prefix{"ollama_chat", "ollama", "", ""},
    Prefix{"fireworks_ai", "fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"},
    Prefix{"perplexity", "perplexity", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"},
    Prefix{"cerebras", "cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"},
    Prefix{"sambanova", "sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"},
    Prefix{"nvidia_nim", "nvidia", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"},
    Prefix{"deepinfra", "deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"},
    Prefix{"moonshot", "moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"},
};

/// Prefixes of servers of one's own: they are where `api_base` says.
constexpr std::array ownServers{std::string_view("hosted_vllm"), std::string_view("vllm"),
                                std::string_view("openai_like"), std::string_view("custom_openai"),
                                std::string_view("lm_studio"),   std::string_view("litellm_proxy"),
                                std::string_view("llamafile"),   std::string_view("xinference")};

struct Unmapped {
    std::string_view prefix, why;
};
constexpr std::array unmapped{
    Unmapped{"azure", "Azure's older paths with an api-version are not spoken; with api_base "
                      "https://NAME.openai.azure.com/openai/v1 it can be"},
    Unmapped{"azure_ai", "Azure's own paths are not spoken; name an OpenAI-compatible base_url by hand"},
    Unmapped{"vertex_ai", "Vertex AI wants signed, short-lived tokens; use a Gemini API key with gemini/… instead"},
    Unmapped{"vertex_ai_beta", "Vertex AI wants signed, short-lived tokens; use a Gemini API key instead"},
    Unmapped{"bedrock", "Bedrock wants signed requests, which are not spoken"},
    Unmapped{"sagemaker", "SageMaker wants signed requests, which are not spoken"},
};

struct BareName {
    std::string_view begin, prefix;
};
constexpr std::array bareNames{BareName{"gpt-", "openai"},       BareName{"chatgpt-", "openai"},
                               BareName{"o1", "openai"},         BareName{"o3", "openai"},
                               BareName{"o4", "openai"},         BareName{"text-embedding-", "openai"},
                               BareName{"claude-", "anthropic"}, BareName{"command-", "cohere"},
                               BareName{"mistral-", "mistral"},  BareName{"deepseek-", "deepseek"}};

/// `vllm.example.com:8000` of a URL.
std::string_view hostOf(std::string_view url)
{
    const std::size_t begin = url.find("://");
    if (begin == std::string_view::npos)
        return {};
    url.remove_prefix(begin + 3);
    return url.substr(0, url.find('/'));
}

std::string withoutSlash(std::string_view url)
{
    while (url.ends_with('/'))
        url.remove_suffix(1);
    return std::string(url);
}

bool isAt(std::string_view url, const LiteLlmTarget &target)
{
    const KnownProvider *known = knownProvider(target.provider);
    const std::string_view usual = target.baseUrl.empty() && known ? known->baseUrl : std::string_view(target.baseUrl);
    // Google's and Anthropic's own paths stand for the same place.
    return url == usual || (!hostOf(url).empty() && hostOf(url) == hostOf(usual) && target.provider != "ollama");
}

/// A name for a server that only its address tells of.
void useAddress(LiteLlmTarget &target, std::string_view apiBase)
{
    if (isAt(apiBase, target))
        return;
    target.baseUrl = withoutSlash(apiBase);
    if (target.provider == "ollama" && !target.baseUrl.ends_with("/v1"))
        target.baseUrl += "/v1";
    const std::string host = keyIdOf(hostOf(apiBase));
    target.provider = target.provider == "ollama" ? "ollama-" + host : host;
    target.provider.resize(std::min<std::size_t>(target.provider.size(), 60));
    target.ownAddress = true;
    if (hostOf(apiBase).ends_with(".openai.azure.com"))
        target.auth = AuthStyle::ApiKey;
}

} // namespace

Result<LiteLlmTarget> liteLlmTarget(std::string_view model, std::string_view apiBase)
{
    const std::size_t slash = model.find('/');
    std::string_view prefix = slash == std::string_view::npos ? std::string_view() : model.substr(0, slash);
    std::string_view name = slash == std::string_view::npos ? model : model.substr(slash + 1);
    if (prefix.empty()) {
        for (const auto &[begin, known] : bareNames) {
            if (prefix.empty() && model.starts_with(begin))
                prefix = known;
        }
        if (prefix.empty() && !apiBase.empty())
            prefix = "openai";
    }
    const bool azureCompatible = prefix == "azure" && apiBase.find("/openai/v1") != std::string_view::npos;
    for (const auto &[known, why] : unmapped) {
        if (prefix == known && !azureCompatible)
            return failure("not_mapped", std::string(why));
    }
    if (!apiBase.empty() && hostOf(apiBase).empty())
        return failure("not_mapped", "its api_base is no URL that can stand in a config; write the address itself");
    if (apiBase.find_first_of("@?#") != std::string_view::npos)
        return failure("not_mapped", "its api_base has credentials or a query in it, which an address must not have");
    LiteLlmTarget target;
    target.model = name;
    target.completions = prefix == "text-completion-openai";
    const auto known =
        std::find_if(prefixes.begin(), prefixes.end(), [&](const Prefix &p) { return p.prefix == prefix; });
    if (known != prefixes.end()) {
        target.provider = known->provider;
        target.baseUrl = known->baseUrl;
        target.variable = known->variable;
        if (target.provider == "ollama")
            target.auth = AuthStyle::None;
    } else if (std::find(ownServers.begin(), ownServers.end(), prefix) != ownServers.end() || azureCompatible) {
        if (apiBase.empty())
            return failure("not_mapped", "it has no api_base, so nobody knows where it is");
    } else {
        return failure("not_mapped", prefix.empty()
                                         ? "its name does not say which provider it belongs to"
                                         : "the provider `" + shownName(prefix) +
                                               "` is not known; if it speaks OpenAI's dialect, add it with a base_url");
    }
    if (!apiBase.empty())
        useAddress(target, apiBase);
    return target;
}

} // namespace keymux
