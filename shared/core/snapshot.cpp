// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/snapshot.h"

namespace keymux {

std::string_view restScopeName(RestScope scope)
{
    switch (scope) {
    case RestScope::Deployment:
        return "deployment";
    case RestScope::Endpoint:
        return "endpoint";
    case RestScope::Key:
        return "key";
    case RestScope::QuotaGroup:
        return "quota_group";
    case RestScope::ProviderModel:
        return "provider_model";
    case RestScope::Provider:
        return "provider";
    }
    return "deployment";
}

std::string_view restReasonName(RestReason reason)
{
    switch (reason) {
    case RestReason::MinuteLimit:
        return "rate_limit";
    case RestReason::DayQuota:
        return "day_quota";
    case RestReason::NoQuota:
        return "no_quota";
    case RestReason::BadKey:
        return "bad_key";
    case RestReason::Billing:
        return "billing";
    case RestReason::ModelMissing:
        return "model_missing";
    case RestReason::Denied:
        return "denied";
    case RestReason::Region:
        return "region";
    case RestReason::Overload:
        return "overload";
    case RestReason::AddressLimit:
        return "address_limit";
    }
    return "overload";
}

std::string_view statusName(DeploymentStatus status)
{
    switch (status) {
    case DeploymentStatus::Ready:
        return "ready";
    case DeploymentStatus::Limited:
        return "limited";
    case DeploymentStatus::Cooling:
        return "cooling";
    case DeploymentStatus::Probing:
        return "probing";
    case DeploymentStatus::Blocked:
        return "blocked";
    case DeploymentStatus::Disabled:
        return "disabled";
    case DeploymentStatus::Unresolved:
        return "unresolved";
    }
    return "ready";
}

} // namespace keymux
