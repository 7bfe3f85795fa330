// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/subscription.h"

namespace glimpse::daemon {

Subscription::Subscription(SubscriptionSettings settings) : settings_(std::move(settings)) {
  if (settings_.max_rate_hz > 0) {
    interval_ = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(1 / settings_.max_rate_hz));
  }
}

bool Subscription::Wants(const Prediction& prediction, Time now) {
  const std::string& pipeline = prediction.pipeline->name;
  if (settings_.pipelines && settings_.pipelines->count(pipeline) == 0) return false;
  if (!settings_.on_change && settings_.max_rate_hz <= 0) return true;
  const Decision& decision = prediction.decision;
  const std::pair key(pipeline, prediction.region);
  if (const auto found = sent_.find(key); found != sent_.end()) {
    const Sent& last = found->second;
    if (now - last.time < interval_) return false;
    const bool same = last.ok == decision.ok && last.reason == decision.reason && last.index == decision.index;
    if (settings_.on_change && same) return false;
  }
  sent_.insert_or_assign(key, Sent{now, decision.ok, decision.reason, decision.index});
  return true;
}

}  // namespace glimpse::daemon
