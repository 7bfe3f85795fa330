// SPDX-License-Identifier: Apache-2.0
#include "daemon/decide.h"

#include <algorithm>

namespace glimpse::daemon {

Best FindBest(std::span<const double> scores) {
  Best best;
  for (size_t i = 1; i < scores.size(); ++i) {
    if (scores[i] > scores[static_cast<size_t>(best.index)]) best.index = static_cast<int>(i);
  }
  double second = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (static_cast<int>(i) != best.index) second = std::max(second, scores[i]);
  }
  best.margin = scores[static_cast<size_t>(best.index)] - second;
  return best;
}

Decision DecideOnce(std::span<const double> scores, Sight sight, double margin) {
  const Best best = FindBest(scores);
  const double score = scores[static_cast<size_t>(best.index)];
  if (sight == Sight::kBlank) return {false, "blank", -1, score};
  if (sight == Sight::kBlurred) return {false, "blurred", -1, score};
  if (best.margin < margin) return {false, "low-margin", -1, score};
  return {true, "", best.index, score};
}

Decision Decider::Decide(std::span<const double> scores, Sight sight) {
  Decision now = DecideOnce(scores, sight, settings_.margin);
  if (settings_.vote <= 1) return now;
  recent_.push_back(now.index);
  if (recent_.size() > settings_.vote) recent_.pop_front();
  for (const int candidate : recent_) {
    const auto votes = static_cast<size_t>(std::count(recent_.begin(), recent_.end(), candidate));
    if (votes * 2 <= recent_.size() || candidate < 0) continue;
    return {true, "", candidate, scores[static_cast<size_t>(candidate)]};
  }
  return {false, now.ok ? "low-margin" : now.reason, -1, now.score};
}

}  // namespace glimpse::daemon
