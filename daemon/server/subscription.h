// SPDX-License-Identifier: Apache-2.0
// What one subscription of one client wants to be told.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "daemon/prediction.h"

namespace glimpse::daemon {

// Params of `subscribe` (docs/protocol.md).
struct SubscriptionSettings {
  std::optional<std::set<std::string>> pipelines;  // nothing: all
  bool on_change = false;
  double max_rate_hz = 0;  // 0: no limit
};

// Not thread-safe.
class Subscription {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Subscription(SubscriptionSettings settings);

  // Whether to send `prediction` at `now`; if so, remembers it as sent.
  bool Wants(const Prediction& prediction, Time now);

 private:
  struct Sent {
    Time time;
    bool ok;
    std::string reason;
    int index;
  };
  const SubscriptionSettings settings_;
  std::chrono::steady_clock::duration interval_{};
  std::map<std::pair<std::string, std::string>, Sent> sent_;  // by pipeline and region, of which there are few
};

}  // namespace glimpse::daemon
