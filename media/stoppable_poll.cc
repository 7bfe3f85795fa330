// SPDX-License-Identifier: Apache-2.0
#include "media/stoppable_poll.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace glimpse::media {
namespace {

constexpr std::chrono::milliseconds kLookInterval{100};

}  // namespace

StoppablePoll::StoppablePoll() : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

StoppablePoll::Woken StoppablePoll::Wait(int fd, std::chrono::steady_clock::time_point deadline,
                                         const std::stop_token& stop) {
  if (bell_.valid()) {  // a ring of an earlier wait may still be in it
    uint64_t rings = 0;
    static_cast<void>(::read(bell_.get(), &rings, sizeof(rings)));
  }
  const std::stop_callback ring(stop, [this] {
    const uint64_t one = 1;
    static_cast<void>(!::write(bell_.get(), &one, sizeof(one)));
  });
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Woken::kTimeout;
    auto wait = std::min<std::chrono::milliseconds>(left, std::chrono::hours(1));
    if (!bell_.valid()) wait = std::min(wait, kLookInterval);
    std::array<pollfd, 2> watched = {{{fd, POLLIN, 0}, {bell_.get(), POLLIN, 0}}};
    const int count = ::poll(watched.data(), watched.size(), static_cast<int>(wait.count()));
    if (count < 0 && errno != EINTR) return Woken::kHangUp;
    if (count <= 0 || stop.stop_requested()) continue;
    if ((watched[0].revents & POLLIN) != 0) return Woken::kReady;
    if (watched[0].revents != 0) return Woken::kHangUp;
  }
  return Woken::kStopped;
}

}  // namespace glimpse::media
