// SPDX-License-Identifier: Apache-2.0
// One camera of the configuration: the thread that reads it and the frame that waits to be looked at.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "daemon/mailbox.h"
#include "daemon/prediction.h"
#include "media/source.h"

namespace glimpse::daemon {

enum class CameraState { kRunning, kEnded, kFailed };
std::string_view CameraStateName(CameraState state);

// A copy at one moment (docs/protocol.md, status).
struct CameraCounts {
  CameraState state = CameraState::kRunning;
  uint64_t frames = 0;
  uint64_t dropped = 0;
  uint64_t skipped = 0;
  std::string last_error;
  std::optional<std::chrono::steady_clock::time_point> last_frame;
};

// States: opened --Start()--> running --(end of the pictures, all worked on)--> ended, or --(error)--> failed; a failed
// libcamera camera is opened again, later each time, and then runs. Destruction stops the thread and waits for it.
class Capture {
 public:
  using OnEvent = std::function<void(Event)>;  // called from the capture or the inference thread

  // Opens the camera, so that one that is not there is found before anything else starts. `taker` and what `on_event`
  // uses must outlive the Capture. Errors: those of media::OpenSource.
  static Result<std::unique_ptr<Capture>> Open(const std::string& name, const config::Camera& camera, Wakeup* taker,
                                               OnEvent on_event);

  // Frames count on from `frame` instead of 0. Before Start().
  void CountFrom(uint64_t frame) { sequence_offset_ = next_sequence_ = frame; }
  // How many of the last frames Recent() gives. Thread-safe.
  void KeepFrames(size_t count);

  void Start();
  // Ends the thread and closes the camera, so that somebody else can open it; Resume() opens it again, and tries until
  // it succeeds. Not on the capture thread.
  void Suspend();
  void Resume() { Start(); }
  const std::string& name() const { return name_; }
  const config::Camera& camera() const { return camera_; }
  // The last frames that were taken, the oldest first, of at most kMaxKeptBytes together. Thread-safe.
  std::vector<media::Frame> Recent() const;
  static constexpr size_t kMaxKeptBytes = 16u << 20;
  // The number that follows that of the last frame taken: where a camera in its place counts on. Thread-safe.
  uint64_t next_frame() const { return next_frame_; }

  // TryTake() is for the inference thread, counts() thread-safe.
  std::optional<media::Frame> TryTake();
  CameraCounts counts() const;

  // For the inference thread: whether the pictures came to their end. If so before a TryTake() that gives nothing,
  // every frame has been worked on, and AnnounceEnd() makes it known, the first time.
  bool source_ended() const { return source_ended_; }
  void AnnounceEnd();

 private:
  Capture(std::string name, const config::Camera& camera, Wakeup* taker, OnEvent on_event);
  void Run(const std::stop_token& stop);
  // Frames until the source ends (true), fails or a stop is requested (false).
  bool ReadFrames(const std::stop_token& stop);
  bool Reopen(const std::stop_token& stop);
  // Counts what the source did, and closes it. REQUIRES: mutex_ held.
  void CloseSource();
  void Forget();
  void SetState(CameraState state, const std::string& error);
  void Tell(const char* event, const std::string& message);

  const std::string name_;
  const config::Camera camera_;
  OnEvent on_event_;
  Wakeup* const taker_;
  Mailbox<media::Frame> mailbox_;
  mutable std::mutex mutex_;  // guards the members below, but for Next(), which only the capture thread calls
  std::shared_ptr<media::Source> source_;
  media::SourceStats earlier_;  // of sources that failed and were replaced
  CameraState state_ = CameraState::kRunning;
  std::string error_;
  std::optional<std::chrono::steady_clock::time_point> last_frame_;
  uint64_t sequence_offset_ = 0;
  uint64_t next_sequence_ = 0;
  std::atomic<bool> source_ended_{false};
  std::atomic<uint64_t> next_frame_{0};
  mutable std::mutex kept_mutex_;  // guards the two below
  size_t keep_ = 0;
  std::deque<media::Frame> kept_;
  std::jthread thread_;  // last: joined before anything it uses goes
};

}  // namespace glimpse::daemon
