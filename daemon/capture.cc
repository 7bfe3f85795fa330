// SPDX-License-Identifier: Apache-2.0
#include "daemon/capture.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

bool IsCamera(const config::Camera& camera) {
  return camera.source == config::Camera::Source::kLibcamera || camera.source == config::Camera::Source::kV4l2;
}

Mailbox<media::Frame>::Mode ModeFor(const config::Camera& camera) {
  const bool latest = IsCamera(camera) || camera.realtime;
  return latest ? Mailbox<media::Frame>::Mode::kLatest : Mailbox<media::Frame>::Mode::kHandOver;
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

Capture::Capture(std::string name, const config::Camera& camera, Wakeup* taker, OnEvent on_event,
                 CaptureOptions options)
    : name_(std::move(name)),
      camera_(camera),
      on_event_(std::move(on_event)),
      options_(std::move(options)),
      taker_(taker),
      mailbox_(ModeFor(camera), taker),
      live_(IsCamera(camera)) {}

Result<std::unique_ptr<Capture>> Capture::Open(const std::string& name, const config::Camera& camera, Wakeup* taker,
                                               OnEvent on_event, CaptureOptions options) {
  const bool may_be_absent = options.may_be_absent && IsCamera(camera);
  if (!options.open) options.open = [](const auto& what, const auto& key) { return media::OpenSource(what, key); };
  if (options.clock == nullptr) options.clock = &media::SystemClock();
  auto source = options.open(camera, name);
  if (!source && !(may_be_absent && source.error().code == ErrorCode::kIo)) return Unexpected(source.error());
  std::unique_ptr<Capture> capture(new Capture(name, camera, taker, std::move(on_event), std::move(options)));
  if (source) {
    capture->source_ = std::move(*source);
    capture->live_ = capture->source_->live();
  } else {
    capture->state_ = CameraState::kFailed;
    capture->error_ = source.error().message;
  }
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
  CloseSource();
  sequence_offset_ = next_sequence_;
}

void Capture::CloseSource() {
  std::shared_ptr<media::Source> closing;  // outside the lock: a camera may take its time, and `status` must not wait
  const std::lock_guard lock(mutex_);
  if (!source_) return;
  const media::SourceStats last = source_->stats();
  earlier_.frames += last.frames;
  earlier_.dropped += last.dropped;
  earlier_.skipped += last.skipped;
  closing.swap(source_);
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
  counts.restarts = restarts_;
  counts.reopens = reopens_;
  counts.last_frame = last_frame_;
  counts.picture = picture_;
  return counts;
}

void Capture::Run(const std::stop_token& stop) {
  if (!source_) {
    // It was not there at the start, or was closed by Suspend().
    std::string absent;
    {
      const std::lock_guard lock(mutex_);
      if (state_ == CameraState::kFailed) absent = error_;
    }
    if (!absent.empty()) Fail(absent);
    if (!Reopen(stop)) return;
  }
  while (true) {
    switch (ReadFrames(stop)) {
      case Ended::kAtTheEnd:
        source_ended_ = true;
        taker_->Ring();
        return;
      case Ended::kStopped:
        return;
      case Ended::kFailed:
        if (!Recover(stop)) return;
    }
  }
}

Capture::Ended Capture::ReadFrames(const std::stop_token& stop) {
  const std::shared_ptr<media::Source> source = source_;
  while (true) {
    auto frame = source->Next(stop);
    if (!frame) {
      Fail(frame.error().message);
      return Ended::kFailed;
    }
    if (!*frame) return stop.stop_requested() ? Ended::kStopped : Ended::kAtTheEnd;
    NoteFrame(**frame);
    // A source that was opened again counts from 0; clients see one rising number.
    (*frame)->sequence += sequence_offset_;
    next_sequence_ = (*frame)->sequence + 1;
    if (!mailbox_.Put(std::move(**frame), stop)) return Ended::kStopped;
    // The scheduler likes to wake the inference thread on this very core, where it would wait until the next frame is
    // read and decoded.
    std::this_thread::yield();
  }
}

void Capture::NoteFrame(const media::Frame& frame) {
  attempts_ = 0;
  bool recovered = false;
  {
    const std::lock_guard lock(mutex_);
    last_frame_ = frame.captured;
    picture_ = {frame.width, frame.height, frame.format, frame.colour};
    recovered = state_ == CameraState::kFailed;
    if (recovered) {
      state_ = CameraState::kRunning;
      earlier_.last_error = std::exchange(error_, "");
    }
  }
  if (!recovered) return;
  told_.clear();
  Tell("camera-recovered", StrCat("camera '", name_, "' gives frames again"));
}

void Capture::Fail(const std::string& message) {
  {
    const std::lock_guard lock(mutex_);
    state_ = CameraState::kFailed;
    error_ = message;
  }
  if (told_ == message) return;
  told_ = message;
  Tell("camera-failed", message);
}

bool Capture::Recover(const std::stop_token& stop) {
  // Files that failed will fail again; a camera may have been unplugged, or its stream be stuck.
  if (!live_ || stop.stop_requested()) return false;
  if (attempts_++ == 0 || source_->must_stay_open()) {
    {
      const std::lock_guard lock(mutex_);
      ++restarts_;
    }
    if (source_->Restart()) return true;
  }
  return Reopen(stop);
}

bool Capture::Reopen(const std::stop_token& stop) {
  CloseSource();  // the camera cannot be opened while the old source holds it
  sequence_offset_ = next_sequence_;
  for (;; ++attempts_) {
    // Not so often that a camera which is not there keeps the machine busy, not so seldom that one waits for it.
    const std::chrono::seconds delay(std::min(30, 1 << std::min(std::max(0, attempts_ - 1), 5)));
    if (!options_.clock->WaitUntil(options_.clock->Now() + delay, stop)) return false;
    auto source = options_.open(camera_, name_);
    if (!source) {
      Fail(source.error().message);
      continue;
    }
    const std::lock_guard lock(mutex_);
    source_ = std::move(*source);
    live_ = source_->live();
    ++reopens_;
    return true;
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

void Capture::Tell(const char* event, const std::string& message) {
  on_event_({event, {{"camera", name_}, {"message", message}}});
}

}  // namespace glimpse::daemon
