// SPDX-License-Identifier: Apache-2.0
#include "daemon/capture.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

Mailbox<media::Frame>::Mode ModeFor(const config::Camera& camera) {
  const bool live = camera.source == config::Camera::Source::kLibcamera ||
                    camera.source == config::Camera::Source::kV4l2 || camera.realtime;
  return live ? Mailbox<media::Frame>::Mode::kLatest : Mailbox<media::Frame>::Mode::kHandOver;
}

}  // namespace

std::string_view CameraStateName(CameraState state) {
  switch (state) {
    case CameraState::kRunning:
      return "running";
    case CameraState::kEnded:
      return "ended";
    case CameraState::kFailed:
      return "failed";
  }
  return "failed";
}

Capture::Capture(std::string name, const config::Camera& camera, Wakeup* taker, OnEvent on_event)
    : name_(std::move(name)),
      camera_(camera),
      on_event_(std::move(on_event)),
      taker_(taker),
      mailbox_(ModeFor(camera), taker) {}

Result<std::unique_ptr<Capture>> Capture::Open(const std::string& name, const config::Camera& camera, Wakeup* taker,
                                               OnEvent on_event) {
  GLIMPSE_ASSIGN_OR_RETURN(auto source, media::OpenSource(camera, name));
  std::unique_ptr<Capture> capture(new Capture(name, camera, taker, std::move(on_event)));
  capture->source_ = std::move(source);
  return capture;
}

void Capture::KeepFrames(size_t count) {
  const std::lock_guard lock(kept_mutex_);
  keep_ = count;
  Forget();
}

void Capture::Forget() {
  size_t bytes = 0;
  for (const media::Frame& frame : kept_) bytes += frame.storage->size();
  while (!kept_.empty() && (kept_.size() > keep_ || bytes > kMaxKeptBytes)) {
    bytes -= kept_.front().storage->size();
    kept_.pop_front();
  }
}

std::vector<media::Frame> Capture::Recent() const {
  const std::lock_guard lock(kept_mutex_);
  return {kept_.begin(), kept_.end()};
}

std::optional<media::Frame> Capture::TryTake() {
  auto frame = mailbox_.TryTake();
  if (!frame) return frame;
  next_frame_ = frame->sequence + 1;
  const std::lock_guard lock(kept_mutex_);
  if (keep_ > 0) {
    kept_.push_back(*frame);
    Forget();
  }
  return frame;
}

void Capture::Suspend() {
  thread_ = std::jthread();  // asks the old one to stop and waits for it
  const std::lock_guard lock(mutex_);
  CloseSource();
  sequence_offset_ = next_sequence_;
}

void Capture::CloseSource() {
  if (!source_) return;
  const media::SourceStats last = source_->stats();
  earlier_.frames += last.frames;
  earlier_.dropped += last.dropped;
  earlier_.skipped += last.skipped;
  source_.reset();
}

void Capture::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

CameraCounts Capture::counts() const {
  const std::lock_guard lock(mutex_);
  CameraCounts counts;
  const media::SourceStats now = source_ ? source_->stats() : media::SourceStats{};
  counts.state = state_;
  counts.frames = earlier_.frames + now.frames;
  counts.dropped = earlier_.dropped + now.dropped + mailbox_.dropped();
  counts.skipped = earlier_.skipped + now.skipped;
  counts.last_error = !error_.empty() ? error_ : !now.last_error.empty() ? now.last_error : earlier_.last_error;
  counts.last_frame = last_frame_;
  return counts;
}

void Capture::Run(const std::stop_token& stop) {
  if (!source_) {  // after Suspend()
    if (!Reopen(stop)) return;
    SetState(CameraState::kRunning, "");
  }
  while (true) {
    if (ReadFrames(stop)) {
      source_ended_ = true;
      taker_->Ring();
      return;
    }
    if (stop.stop_requested()) return;
    // Files that failed will fail again; a camera may have been unplugged.
    if (camera_.source != config::Camera::Source::kLibcamera || !Reopen(stop)) return;
    SetState(CameraState::kRunning, "");
    Tell("camera-recovered", StrCat("camera '", name_, "' gives frames again"));
  }
}

bool Capture::ReadFrames(const std::stop_token& stop) {
  const std::shared_ptr<media::Source> source = source_;
  while (true) {
    auto frame = source->Next(stop);
    if (!frame) {
      SetState(CameraState::kFailed, frame.error().message);
      Tell("camera-failed", frame.error().message);
      return false;
    }
    if (!*frame) return !stop.stop_requested();
    {
      const std::lock_guard lock(mutex_);
      last_frame_ = (*frame)->captured;
    }
    // A source that was opened again counts from 0; clients see one rising number.
    (*frame)->sequence += sequence_offset_;
    next_sequence_ = (*frame)->sequence + 1;
    if (!mailbox_.Put(std::move(**frame), stop)) return false;
    // The scheduler likes to wake the inference thread on this very core, where it would wait until the next frame is
    // read and decoded.
    std::this_thread::yield();
  }
}

bool Capture::Reopen(const std::stop_token& stop) {
  {
    // The camera cannot be opened while the old source holds it.
    const std::lock_guard lock(mutex_);
    CloseSource();
    earlier_.last_error = error_;
  }
  sequence_offset_ = next_sequence_;
  for (std::chrono::seconds delay(1);; delay = std::min(delay * 2, std::chrono::seconds(30))) {
    if (!media::SystemClock().WaitUntil(std::chrono::steady_clock::now() + delay, stop)) return false;
    auto source = media::OpenSource(camera_, name_);
    const std::lock_guard lock(mutex_);
    if (source) {
      source_ = std::move(*source);
      return true;
    }
    error_ = source.error().message;
  }
}

void Capture::AnnounceEnd() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == CameraState::kEnded) return;
    state_ = CameraState::kEnded;
  }
  Tell("camera-ended", StrCat("camera '", name_, "': no more pictures, and 'loop' is false"));
}

void Capture::SetState(CameraState state, const std::string& error) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  error_ = error;
}

void Capture::Tell(const char* event, const std::string& message) {
  on_event_({event, {{"camera", name_}, {"message", message}}});
}

}  // namespace glimpse::daemon
