// SPDX-License-Identifier: Apache-2.0
// The daemon as a whole: what is made from the configuration, in which order, and how it ends.
//
// Threads: the main thread runs asio (sockets, signals, systemd); one thread for each camera reads frames; one thread
// preprocesses and runs models; one builds and proves the next generation when a reload is asked for. Frames go camera
// -> inference by mailbox, predictions inference -> asio by post, a new generation reload -> inference -> asio.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>  // before asio: Boost 1.74 uses std::exchange without it
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "daemon/gate.h"
#include "daemon/generation.h"
#include "daemon/log/log_writer.h"
#include "daemon/metrics/metrics.h"
#include "daemon/metrics/publisher.h"
#include "daemon/reload/reloader.h"
#include "daemon/server/backend.h"
#include "daemon/server/listening_socket.h"
#include "daemon/server/server.h"
#include "daemon/supervisor/notifier.h"
#include "daemon/worker.h"

namespace glimpse::daemon {

// States: created (plugins, models and steps are there: what --check asks for) --Open()--> open (cameras and sockets
// are there, nothing runs) --Run()--> ended. Whatever fails ends the start: there is no half-working daemon.
class App : public Backend {
 public:
  // Errors: those of MakeGeneration().
  static Result<std::unique_ptr<App>> Create(config::Config config);

  ~App() override;

  // Errors: those of Capture::Open and ListeningSocket.
  Result<void> Open();

  // Until SIGTERM or SIGINT. Own socket files are gone afterwards.
  void Run();

  // Backend
  std::string version() const override;
  const config::Config& config() const override { return serving_->config; }
  const std::vector<std::shared_ptr<const PipelineInfo>>& pipelines() const override { return serving_->infos; }
  std::string Status(const ClientCounts& clients) override;
  const std::string& plugins_description() const override { return serving_->plugins_description; }
  bool TryClassify(ClassifyRequest&& request) override { return worker_.TryClassify(std::move(request)); }
  bool TryReload(ReloadRequest&& request) override { return reloader_.TryRequest(std::move(request)); }
  std::shared_ptr<const EvidenceStore> Evidence(const std::string& pipeline) override;
  void SetPaused(const std::vector<std::string>& pipelines, bool paused) override;
  std::vector<std::string> paused() const override;
  void Trigger(const std::vector<std::string>& pipelines) override;

 private:
  App(std::shared_ptr<Generation> generation, KnownPlugins known);
  Reloader::Host MakeReloadHost();
  Result<std::shared_ptr<Capture>> OpenCamera(const std::string& name, const config::Config& config,
                                              bool may_be_absent);
  // Makes `next` what is served; on the main thread.
  void Commit(std::shared_ptr<Generation> next, const Event& event);
  void LogPipelines() const;
  Result<void> OpenSocket(SocketKind kind, const config::Socket& socket, UniqueFd inherited);
  Worker::Listener MakeListener();
  // On the inference thread.
  void Publish(const std::vector<Prediction>& predictions);
  void Publish(Event event);
  // Has the main thread run `task`, before all that is published from now on.
  void Post(std::function<void()> task);
  static void LogEvent(const Event& event);
  std::string State() const;
  std::string Summary();
  MetricsInput Metrics();
  void WaitForSignal();
  void PetWatchdog();
  void ReportStatus();
  void BeginStop();
  void StopThreads();

  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::shared_ptr<Generation> serving_;  // for the main thread
  std::vector<ListeningSocket> sockets_;
  // Declared before everything that posts to it or waits on it.
  boost::asio::io_context io_;
  Notifier notifier_{io_};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watchdog_timer_;
  boost::asio::steady_timer status_timer_;
  uint64_t last_beats_ = 0;
  // What waits for the main thread, should that be stuck: predictions then hold up the inference thread, so that
  // cameras drop frames and files wait; of events, which are logged in any case, further ones do not reach the clients.
  Gate posted_predictions_{64};
  Gate posted_events_{1024};
  // Predictions, events and changes of state that are on their way to the main thread: what comes after them goes the
  // same way.
  std::atomic<size_t> posted_{0};
  std::unique_ptr<Server> server_;
  std::unique_ptr<MetricsPublisher> metrics_;
  std::unique_ptr<LogWriter> log_;  // while it runs
  Worker worker_;
  Reloader reloader_;
};

}  // namespace glimpse::daemon
