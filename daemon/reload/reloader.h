// SPDX-License-Identifier: Apache-2.0
// The reload thread: takes requests one after the other, has each proved, and swaps the new generation in.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "daemon/generation.h"
#include "daemon/prediction.h"
#include "daemon/reload/transaction.h"

namespace glimpse::daemon {

// Other kernels for one pipeline; what is left out is the default.
struct KernelsChange {
  std::string pipeline;
  std::string use = "auto";
  std::map<std::string, std::string> overrides;
};

// What became of a request.
struct ReloadVerdict {
  bool accepted = false;
  std::string by;       // "reload", "kernels.set" or "SIGHUP"
  std::string message;  // one line for people
  std::chrono::system_clock::time_point time;
  std::string config;  // "sha256:..." of the state that serves now
  int64_t took_us = 0;
  Findings findings;
  Error error;  // unless accepted
};

struct ReloadRequest {
  std::string by;
  std::optional<KernelsChange> kernels;            // nothing: the configuration is read again
  std::function<void(const ReloadVerdict&)> done;  // called once, on the reload thread, unless the daemon ends before
};

// Counts since the start. A copy at one moment.
struct ReloadHistory {
  uint64_t accepted = 0;
  uint64_t refused = 0;
  bool last_reading_good = true;  // of the configuration
  std::optional<ReloadVerdict> last;
};

class Reloader {
 public:
  // What the thread needs of the rest of the daemon. All are called on the reload thread, but for `commit`.
  struct Host {
    // Worker::RunBetweenFrames().
    std::function<bool(std::function<void(Worker::Seats&)>)> between_frames;
    // Called on the inference thread, in the middle of the swap: makes `next` what the main thread serves, behind every
    // prediction made so far and before every later one. Calls `done` afterwards, on the main thread.
    std::function<void(std::shared_ptr<Generation> next, Event event, std::function<void()> done)> commit;
    std::function<Result<std::shared_ptr<Capture>>(const std::string& name, const config::Config& config)> open_camera;
    // For whom a refusal is news.
    std::function<void(Event event)> on_event;
  };

  // `known` holds the plugins that were loaded at the start.
  Reloader(Host host, KnownPlugins known);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // `serving` is what serves now. Once.
  void Start(std::shared_ptr<Generation> serving);
  // Ends what is under way as soon as possible; Join() waits for it, and lets go of the cameras, whoever else still
  // holds the generation. What still waits is not carried out. The host's between_frames must not wait for ever between
  // the two.
  void RequestStop();
  void Join();

  // False when too many wait. Thread-safe.
  bool TryRequest(ReloadRequest&& request);
  // Thread-safe.
  ReloadHistory history() const;

 private:
  void Run(const std::stop_token& stop);
  ReloadVerdict Carry(const ReloadRequest& request, const std::stop_token& stop);
  Result<config::Config> ConfigFor(const ReloadRequest& request) const;
  Result<void> Swap(const std::shared_ptr<Generation>& next, const Event& event, const std::stop_token& stop);
  Result<void> OpenCameras(Generation& next, std::vector<std::shared_ptr<Capture>>* suspended);
  Result<bool> SwapBetweenFrames(const std::shared_ptr<Generation>& next, const Event& event,
                                 const std::stop_token& stop);

  static constexpr size_t kMaxWaiting = 8;
  Host host_;
  KnownPlugins known_;
  std::shared_ptr<Generation> serving_;  // for the reload thread
  mutable std::mutex mutex_;             // guards the two below
  std::deque<ReloadRequest> waiting_;
  ReloadHistory history_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace glimpse::daemon
