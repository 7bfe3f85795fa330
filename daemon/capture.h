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
#include "media/clock.h"
#include "media/source.h"

namespace glimpse::daemon {

enum class CameraState { kRunning, kEnded, kFailed };
std::string_view CameraStateName(CameraState state);

// What the frames of a camera are.
struct CameraPicture {
  int width = 0, height = 0;
  media::PixelFormat format = media::PixelFormat::kGrey8;
  media::Colour colour;
};

// A copy at one moment (docs/protocol.md, status).
struct CameraCounts {
  CameraState state = CameraState::kRunning;
  uint64_t frames = 0;
  uint64_t dropped = 0;
  uint64_t skipped = 0;
  std::string last_error;
  uint64_t restarts = 0;  // of the stream, after a failure
  uint64_t reopens = 0;   // of the camera, after a restart did not help
  std::optional<std::chrono::steady_clock::time_point> last_frame;
  std::optional<CameraPicture> picture;  // of the last frame
};

// How a camera is opened and how patient a Capture is, replaceable in tests.
struct CaptureOptions {
  // Null: media::OpenSource.
  std::function<Result<std::unique_ptr<media::Source>>(const config::Camera& camera, const std::string& name)> open;
  media::Clock* clock = nullptr;  // for the time between two attempts; null: media::SystemClock()
  // A camera that cannot be opened now is no error but one that failed, and is tried again: at the start of the daemon
  // a camera on USB may not be there yet. What the configuration says wrongly is an error all the same.
  bool may_be_absent = false;
};

// States: opened --Start()--> running --(end of the pictures, all worked on)--> ended, or --(error)--> failed.
//
// A camera or FIFO that failed is restarted once, then opened anew, after 1, 2, 4 ... 30 seconds, until it gives a
// frame: then it runs again. A folder or file that failed stays so. An outage is told as one event when it begins,
// another when its cause changes, and one when it ends. Destruction stops the thread and waits for it.
class Capture {
 public:
  using OnEvent = std::function<void(Event)>;  // called from the capture or the inference thread

  // Opens the camera, so that one that is not there is found before anything else starts. `taker` and what `on_event`
  // uses must outlive the Capture. Errors: those of media::OpenSource.
  static Result<std::unique_ptr<Capture>> Open(const std::string& name, const config::Camera& camera, Wakeup* taker,
                                               OnEvent on_event, CaptureOptions options = {});

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
  enum class Ended { kAtTheEnd, kStopped, kFailed };

  Capture(std::string name, const config::Camera& camera, Wakeup* taker, OnEvent on_event, CaptureOptions options);
  void Run(const std::stop_token& stop);
  Ended ReadFrames(const std::stop_token& stop);
  // After a failure: whether there is something to read from again. Not: a stop was requested, or nothing will help.
  bool Recover(const std::stop_token& stop);
  bool Reopen(const std::stop_token& stop);
  // Something went wrong, which is told unless it was.
  void Fail(const std::string& message);
  // A frame came.
  void NoteFrame(const media::Frame& frame);
  // Counts what the source did, and closes it.
  void CloseSource();
  void Forget();
  void Tell(const char* event, const std::string& message);

  const std::string name_;
  const config::Camera camera_;
  const OnEvent on_event_;
  const CaptureOptions options_;
  Wakeup* const taker_;
  Mailbox<media::Frame> mailbox_;
  mutable std::mutex mutex_;  // guards the members below, but for Next(), which only the capture thread calls
  std::shared_ptr<media::Source> source_;
  media::SourceStats earlier_;  // of sources that failed and were replaced
  CameraState state_ = CameraState::kRunning;
  std::string error_;
  uint64_t restarts_ = 0, reopens_ = 0;
  std::optional<std::chrono::steady_clock::time_point> last_frame_;
  std::optional<CameraPicture> picture_;
  uint64_t sequence_offset_ = 0;
  uint64_t next_sequence_ = 0;
  bool live_;         // frames come at a time of their own
  int attempts_ = 0;  // to recover since the last frame; for the capture thread
  std::string told_;  // the cause that was last told; likewise
  std::atomic<bool> source_ended_{false};
  std::atomic<uint64_t> next_frame_{0};
  mutable std::mutex kept_mutex_;  // guards the two below
  size_t keep_ = 0;
  std::deque<media::Frame> kept_;
  std::jthread thread_;  // last: joined before anything it uses goes
};

}  // namespace glimpse::daemon
