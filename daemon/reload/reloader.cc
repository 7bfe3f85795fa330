// SPDX-License-Identifier: Apache-2.0
#include "daemon/reload/reloader.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "config/reader.h"

namespace glimpse::daemon {
namespace {

constexpr int kNice = 10;

Unexpected DaemonEnds() { return Unexpected(ErrorCode::kExhausted, "the daemon ends"); }

// Waited for by one thread, opened by another; given up when the first is to stop.
class Latch {
 public:
  void Open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    opened_.notify_all();
  }
  bool Wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return opened_.wait(lock, stop, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any opened_;
  bool open_ = false;
};

std::string Summary(const Generation& next, const Findings& findings) {
  std::vector<std::string> parts;
  if (!findings.rebuilt.empty()) {
    parts.push_back(StrCat("new graphs for ", StrJoin(findings.rebuilt, ", "), ", proved on ", findings.frames,
                           findings.frames == 1 ? " sample" : " samples"));
  }
  if (!findings.cameras.empty()) parts.push_back(StrCat("cameras opened anew: ", StrJoin(findings.cameras, ", ")));
  if (parts.empty()) parts.push_back("no graph and no camera had to be made anew");
  return StrCat(StrJoin(parts, "; "), "; config ", next.config.sha256);
}

}  // namespace

Reloader::Reloader(Host host, KnownPlugins known) : host_(std::move(host)), known_(std::move(known)) {}

Reloader::~Reloader() {
  RequestStop();
  Join();
}

void Reloader::Start(std::shared_ptr<Generation> serving) {
  serving_ = std::move(serving);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Reloader::RequestStop() { thread_.request_stop(); }

void Reloader::Join() {
  if (thread_.joinable()) thread_.join();
  // A commit that the main thread never came to holds it, too.
  if (serving_) serving_->captures.clear();
}

bool Reloader::TryRequest(ReloadRequest&& request) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(request));
  }
  changed_.notify_one();
  return true;
}

ReloadHistory Reloader::history() const {
  const std::lock_guard lock(mutex_);
  return history_;
}

void Reloader::Run(const std::stop_token& stop) {
  // What serves goes first; the helper inherits it. A system that does not allow it only makes this less polite.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  while (true) {
    ReloadRequest request;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      request = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const ReloadVerdict verdict = Carry(request, stop);
    if (stop.stop_requested()) return;
    {
      const std::lock_guard lock(mutex_);
      ++(verdict.accepted ? history_.accepted : history_.refused);
      if (!request.kernels) history_.last_reading_good = verdict.accepted;
      history_.last = verdict;
    }
    if (request.done) request.done(verdict);
  }
}

ReloadVerdict Reloader::Carry(const ReloadRequest& request, const std::stop_token& stop) {
  const auto start = std::chrono::steady_clock::now();
  ReloadVerdict verdict;
  verdict.by = request.by;
  verdict.time = std::chrono::system_clock::now();
  Transaction transaction(serving_, &known_, stop);
  const Result<void> done = [&]() -> Result<void> {
    GLIMPSE_ASSIGN_OR_RETURN(config::Config config, ConfigFor(request));
    GLIMPSE_ASSIGN_OR_RETURN(const auto next, transaction.Prepare(std::move(config)));
    verdict.message = StrCat(request.by, " accepted: ", Summary(*next, transaction.findings()));
    return Swap(next, {"reloaded", {{"by", request.by}, {"message", verdict.message}, {"config", next->config.sha256}}},
                stop);
  }();
  verdict.accepted = done.has_value();
  verdict.findings = transaction.findings();
  verdict.config = serving_->config.sha256;
  verdict.took_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
  if (verdict.accepted || stop.stop_requested()) return verdict;
  verdict.error = done.error();
  verdict.message = StrCat(request.by, " refused, the old state serves on: ", verdict.error.message);
  host_.on_event({"reload-refused", {{"by", request.by}, {"message", verdict.message}}});
  return verdict;
}

Result<config::Config> Reloader::ConfigFor(const ReloadRequest& request) const {
  if (!request.kernels) return config::LoadConfig(serving_->config.files.front());
  config::Config config = serving_->config;
  const KernelsChange& change = *request.kernels;
  const auto pipeline = config.pipelines.find(change.pipeline);
  if (pipeline == config.pipelines.end()) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat("there is no pipeline '", Printable(change.pipeline, 70), "' any more"));
  }
  pipeline->second.kernels = {change.use, change.overrides, /*at_run_time=*/true};
  config.places[StrCat("pipelines.", change.pipeline, ".kernels")] =
      StrCat("kernels of pipeline '", change.pipeline, "'");
  return config;
}

Result<void> Reloader::Swap(const std::shared_ptr<Generation>& next, const Event& event, const std::stop_token& stop) {
  std::vector<std::shared_ptr<Capture>> suspended;
  Result<void> opened = OpenCameras(*next, &suspended);
  Result<bool> swapped = opened ? SwapBetweenFrames(next, event, stop) : Result<bool>(Unexpected(opened.error()));
  if (!swapped) {
    for (const auto& capture : suspended) capture->Resume();
    return Unexpected(std::move(swapped).error());
  }
  const std::shared_ptr<Generation> old = std::exchange(serving_, next);
  if (!*swapped) return DaemonEnds();
  for (const auto& capture : next->captures) {
    capture->KeepFrames(next->config.reload.frames);
    const auto before = old->FindCapture(capture->name());
    if (before == capture) continue;
    if (before) {
      before->Suspend();
      capture->CountFrom(before->next_frame());
    }
    capture->Start();
  }
  return {};
}

// Unchanged cameras go on in the new generation. Devices that only one may open are closed in the old one first.
Result<void> Reloader::OpenCameras(Generation& next, std::vector<std::shared_ptr<Capture>>* suspended) {
  const std::vector<std::string> anew = NewCameras(next.config, *serving_);
  for (const auto& [name, camera] : next.config.cameras) {
    if (!IsUsed(next.config, name)) continue;
    if (std::find(anew.begin(), anew.end(), name) == anew.end()) {
      next.captures.push_back(serving_->FindCapture(name));
      continue;
    }
    for (const auto& capture : serving_->captures) {
      const bool goes_on = std::find(next.captures.begin(), next.captures.end(), capture) != next.captures.end();
      const bool closed = std::find(suspended->begin(), suspended->end(), capture) != suspended->end();
      if (goes_on || closed || !ShareDevice(capture->camera(), camera)) continue;
      capture->Suspend();
      suspended->push_back(capture);
    }
    GLIMPSE_ASSIGN_OR_RETURN(auto capture, host_.open_camera(name, next.config));
    next.captures.push_back(std::move(capture));
  }
  return {};
}

// False: the daemon ends. Errors: those of Pipeline::CopyStateFrom(); nothing was swapped then.
Result<bool> Reloader::SwapBetweenFrames(const std::shared_ptr<Generation>& next, const Event& event,
                                         const std::stop_token& stop) {
  Worker::Seats seats = next->Seats();
  Result<void> copied;
  const auto committed = std::make_shared<Latch>();
  const bool ran = host_.between_frames([&](Worker::Seats& now) {
    for (const auto& pipeline : next->pipelines) {
      const Pipeline* old = serving_->Find(pipeline->info()->name);
      if (old != nullptr && copied) copied = pipeline->CopyStateFrom(*old);
    }
    if (!copied) return;
    for (const auto& pipeline : next->pipelines) {
      Pipeline* old = serving_->Find(pipeline->info()->name);
      if (old != nullptr) pipeline->TakeOver(*old);
    }
    now.swap(seats);
    host_.commit(next, event, [committed] { committed->Open(); });
  });
  if (!ran) return DaemonEnds();
  if (!copied) return Unexpected(std::move(copied).error());
  return committed->Wait(stop);
}

}  // namespace glimpse::daemon
