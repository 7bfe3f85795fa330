// SPDX-License-Identifier: Apache-2.0
#include "media/libcamera/request_pacer.h"

#include <algorithm>

namespace glimpse::media {

bool RequestPacer::Admit(libcamera::Request* request, Clock::time_point now) {
  turn_ = std::max(turn_, now - burst_) + step_;
  if (turn_ <= now) return true;
  kept_.push_back({request, turn_});
  return false;
}

libcamera::Request* RequestPacer::TakeDue(Clock::time_point now) {
  if (kept_.empty() || kept_.front().due > now) return nullptr;
  libcamera::Request* request = kept_.front().request;
  kept_.pop_front();
  return request;
}

std::optional<RequestPacer::Clock::time_point> RequestPacer::next_due() const {
  if (kept_.empty()) return std::nullopt;
  return kept_.front().due;
}

void RequestPacer::Reset() {
  kept_.clear();
  turn_ = {};
}

}  // namespace glimpse::media
