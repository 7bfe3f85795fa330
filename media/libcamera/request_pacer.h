// SPDX-License-Identifier: Apache-2.0
// RequestPacer: holds a camera to the configuration's rate.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace libcamera {
class Request;
}

namespace glimpse::media {

// Most cameras give frames at the rate that was asked for. Some have one rate only, and some pipelines (libcamera's
// virtual one) fill a buffer the moment they get it, which would keep the processor busy with frames that nobody wants.
// A capture request is therefore given back to the camera no sooner than its turn. Not thread-safe.
class RequestPacer {
 public:
  using Clock = std::chrono::steady_clock;

  // `burst` requests may go at once. A camera a little faster than `fps` is left alone.
  RequestPacer(double fps, int burst)
      : step_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kLenience / fps))),
        burst_(burst * step_) {}

  // Whether `request` may go now. If not it is kept, and TakeDue() gives it when its time has come.
  bool Admit(libcamera::Request* request, Clock::time_point now);
  // The next request whose time has come, null when there is none.
  libcamera::Request* TakeDue(Clock::time_point now);
  // When TakeDue() has one; nothing while none is kept.
  std::optional<Clock::time_point> next_due() const;
  // Forgets what it kept.
  void Reset();

 private:
  static constexpr double kLenience = 0.9;

  struct Kept {
    libcamera::Request* request;
    Clock::time_point due;
  };

  const Clock::duration step_;
  const Clock::duration burst_;
  Clock::time_point turn_;  // of the last request
  std::deque<Kept> kept_;   // by rising time
};

}  // namespace glimpse::media
