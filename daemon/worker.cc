// SPDX-License-Identifier: Apache-2.0
#include "daemon/worker.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/strings.h"
#include "media/picture.h"

namespace glimpse::daemon {
namespace {

// A picture of a client is decoded on the inference thread, so what it may cost is less than for files of the owner's.
constexpr uint64_t kMaxRequestPixels = 16u << 20;

}  // namespace

void Worker::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Worker::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    wakeup_.Ring();
    thread_.join();
  }
  std::deque<Task> left;
  {
    const std::lock_guard lock(tasks_mutex_);
    stopped_ = true;
    left.swap(tasks_);
  }
  for (Task& task : left) task.finish(false);
}

bool Worker::RunBetweenFrames(std::function<void(Seats&)> task) {
  auto done = std::make_shared<std::promise<bool>>();
  auto answer = done->get_future();
  {
    const std::lock_guard lock(tasks_mutex_);
    if (stopped_) return false;
    tasks_.push_back({std::move(task), [done](bool was_run) { done->set_value(was_run); }});
  }
  wakeup_.Ring();
  return answer.get();
}

void Worker::RunTasks() {
  std::deque<Task> tasks;
  {
    const std::lock_guard lock(tasks_mutex_);
    tasks.swap(tasks_);
  }
  for (Task& task : tasks) {
    task.run(seats_);
    task.finish(true);
  }
}

void Worker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool busy = false;
    RunTasks();
    for (Seat& seat : seats_) {
      busy = ServeCamera(seat) || busy;
      busy = ServeRequest() || busy;
      if (stop.stop_requested()) return;
    }
    if (seats_.empty()) busy = ServeRequest();
    CheckStale();
    ++beats_;
    if (!busy) wakeup_.WaitUntil(std::chrono::steady_clock::now() + kTick);
  }
}

bool Worker::ServeCamera(Seat& seat) {
  // With all its pipelines paused a camera's frames stay where they are: newer ones replace them, files wait.
  const bool paused =
      std::all_of(seat.pipelines.begin(), seat.pipelines.end(), [](const auto& each) { return each->paused(); });
  if (paused) return false;
  const bool ended = seat.camera->source_ended();  // asked first: see Capture::source_ended()
  const auto frame = seat.camera->TryTake();
  if (!frame) {
    if (ended) seat.camera->AnnounceEnd();
    return false;
  }
  for (const auto& pipeline : seat.pipelines) {
    if (pipeline->paused()) continue;
    if (const auto failure = pipeline->Process(*frame, &predictions_); failure && failure->news) {
      listener_.on_event({"pipeline-failed",
                          {{"pipeline", pipeline->info()->name}, {"message", failure->error.message}},
                          {{"FRAME", std::to_string(frame->sequence)}, {"MODEL", pipeline->info()->model_sha256}}});
    }
    ++beats_;
    if (!predictions_.empty()) listener_.on_predictions(predictions_);
    pipeline->TakeBack(&predictions_);
  }
  return true;
}

void Worker::CheckStale() {
  const auto now = std::chrono::steady_clock::now();
  for (Seat& seat : seats_) {
    // Pictures that came to their end are not late.
    if (seat.camera->counts().state == CameraState::kEnded) continue;
    for (const auto& pipeline : seat.pipelines) {
      std::vector<Prediction> predictions;
      pipeline->CheckStale(now, &predictions);
      if (!predictions.empty()) listener_.on_predictions(predictions);
    }
  }
}

bool Worker::ServeRequest() {
  auto request = requests_.TryTake();
  if (!request) return false;
  request->done(Answer(*request));
  ++beats_;
  return true;
}

Result<Prediction> Worker::Answer(const ClassifyRequest& request) {
  for (Seat& seat : seats_) {
    for (const auto& pipeline : seat.pipelines) {
      if (pipeline->info()->name != request.pipeline) continue;
      if (request.is_tensor) return pipeline->ClassifyTensor(request.bytes);
      media::Limits limits;
      limits.max_pixels = kMaxRequestPixels;
      GLIMPSE_ASSIGN_OR_RETURN(auto picture, media::DecodePicture(request.bytes, "image", limits));
      picture.time = std::chrono::system_clock::now();
      picture.captured = std::chrono::steady_clock::now();
      return pipeline->ClassifyPicture(picture, request.region);
    }
  }
  // It was there when the request came.
  return Unexpected(ErrorCode::kInvalidArgument,
                    StrCat("there is no pipeline '", Printable(request.pipeline, 70), "' any more"));
}

}  // namespace glimpse::daemon
