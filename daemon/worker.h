// SPDX-License-Identifier: Apache-2.0
// The inference thread: the only one that preprocesses and runs models.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "daemon/capture.h"
#include "daemon/mailbox.h"
#include "daemon/pipeline.h"
#include "daemon/prediction.h"

namespace glimpse::daemon {

// A request to look at a picture out of turn.
struct ClassifyRequest {
  std::string pipeline;  // one that exists
  std::string region;    // "" for the whole picture
  bool is_tensor = false;
  std::vector<std::byte> bytes;                  // an encoded picture, or the input tensor
  std::function<void(Result<Prediction>)> done;  // called once, on the inference thread
};

// Takes frames of all cameras in turn, one each, and between two frames at most one request, so that neither a fast
// camera nor a busy client keeps the others waiting.
class Worker {
 public:
  // Both are called on the inference thread.
  struct Listener {
    // All regions of one frame of one pipeline. May wait for whoever takes them; whoever calls Stop() ends that wait.
    std::function<void(const std::vector<Prediction>&)> on_predictions;
    std::function<void(Event)> on_event;
  };

  // At most `max_requests` wait for their turn.
  Worker(Listener listener, size_t max_requests) : listener_(std::move(listener)), requests_(max_requests, &wakeup_) {}
  ~Worker() { Stop(); }

  // What cameras ring when they have a frame.
  Wakeup* wakeup() { return &wakeup_; }

  // A camera and the pipelines that look at its frames.
  struct Seat {
    std::shared_ptr<Capture> camera;
    std::vector<std::shared_ptr<Pipeline>> pipelines;
  };
  using Seats = std::vector<Seat>;

  // Before Start().
  void SetSeats(Seats seats) { seats_ = std::move(seats); }
  void Start();
  // Waits for the frame being worked on. Idempotent.
  void Stop();

  // How many may wait from now on; those that do stay. Thread-safe.
  void SetMaxRequests(size_t max_requests) { requests_.SetCapacity(max_requests); }
  // False when too many wait. Thread-safe.
  bool TryClassify(ClassifyRequest&& request) { return requests_.TryPut(std::move(request)); }

  // Runs `task` on the inference thread between two frames, and waits until it is done; the task may exchange the
  // seats. False, and the task was not run, once Stop() was called. Thread-safe, but not on the inference thread.
  bool RunBetweenFrames(std::function<void(Seats& seats)> task);

  // Rises while the thread is alive, at least every kTick even without frames; stands still when it hangs. Thread-safe.
  uint64_t beats() const { return beats_; }
  static constexpr std::chrono::milliseconds kTick{250};

 private:
  struct Task {
    std::function<void(Seats&)> run;
    std::function<void(bool done)> finish;
  };

  void RunTasks();
  void Run(const std::stop_token& stop);
  bool ServeCamera(Seat& seat);
  bool ServeRequest();
  void CheckStale();
  Result<Prediction> Answer(const ClassifyRequest& request);

  Listener listener_;
  Wakeup wakeup_;
  BoundedQueue<ClassifyRequest> requests_;
  Seats seats_;
  std::vector<Prediction> predictions_;  // those at hand: kept for its memory
  std::mutex tasks_mutex_;               // guards the two below
  std::deque<Task> tasks_;
  bool stopped_ = false;
  std::atomic<uint64_t> beats_{0};
  std::jthread thread_;
};

}  // namespace glimpse::daemon
