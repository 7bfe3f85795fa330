// SPDX-License-Identifier: Apache-2.0
// One prediction as text, for all who are told it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/messages.h"
#include "daemon/prediction.h"

namespace glimpse::daemon {

// Not thread-safe.
class PredictionText {
 public:
  explicit PredictionText(const Prediction& prediction)
      : members_(std::make_shared<const std::string>(PredictionMembers(prediction))) {}

  // As PredictionMembers().
  const std::shared_ptr<const std::string>& members() const { return members_; }
  // The line for the client's subscription of that number before which nothing was dropped: the same for most clients.
  const std::string& Line(int subscription) {
    std::string& line = lines_[subscription];
    if (line.empty()) line = PredictionLine(*members_, 0, subscription);
    return line;
  }

 private:
  std::shared_ptr<const std::string> members_;
  std::map<int, std::string> lines_;
};

}  // namespace glimpse::daemon
