// SPDX-License-Identifier: Apache-2.0
// The daemon as a whole: what is made from the configuration, in which order, and how it ends.
//
// Threads: the main thread runs asio (sockets, signals, systemd); one thread for each camera reads frames; one thread
// preprocesses and runs models. Frames go camera -> inference by mailbox, predictions inference -> asio by post.
#pragma once

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
#include "daemon/capture.h"
#include "daemon/gate.h"
#include "daemon/metrics/metrics.h"
#include "daemon/metrics/publisher.h"
#include "daemon/notifier.h"
#include "daemon/pipeline.h"
#include "daemon/server/backend.h"
#include "daemon/server/listening_socket.h"
#include "daemon/server/server.h"
#include "daemon/worker.h"
#include "engine/plugin/plugin_host.h"

namespace glimpse::daemon {

// States: created (plugins, models and steps are there: what --check asks for) --Open()--> open (cameras and sockets
// are there, nothing runs) --Run()--> ended. Whatever fails ends the start: there is no half-working daemon.
class App : public Backend {
 public:
  // Errors: those of Pipeline::Create; kPlugin when a plugin in the configured folders was refused, naming each;
  // kInvalidConfig without any pipeline.
  static Result<std::unique_ptr<App>> Create(config::Config config);

  ~App() override;

  // Errors: those of Capture::Open and ListeningSocket.
  Result<void> Open();

  // Until SIGTERM or SIGINT. Own socket files are gone afterwards.
  void Run();

  // Backend
  std::string version() const override;
  const config::Config& config() const override { return config_; }
  const std::vector<std::shared_ptr<const PipelineInfo>>& pipelines() const override { return infos_; }
  std::string Status(const ClientCounts& clients) override;
  const std::string& plugins_description() const override { return plugins_description_; }
  bool TryClassify(ClassifyRequest&& request) override { return worker_.TryClassify(std::move(request)); }
  std::shared_ptr<const EvidenceStore> Evidence(const std::string& pipeline) override;
  void SetPaused(const std::vector<std::string>& pipelines, bool paused) override;
  std::vector<std::string> paused() const override;

 private:
  explicit App(config::Config config);
  Result<void> LoadPlugins();
  Result<void> OpenSocket(SocketKind kind, const config::Socket& socket, UniqueFd inherited);
  Worker::Listener MakeListener();
  void Publish(Event event);
  std::string State() const;
  std::string Summary();
  MetricsInput Metrics();
  void WaitForSignal();
  void PetWatchdog();
  void ReportStatus();
  void BeginStop();
  void StopThreads();

  const config::Config config_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const std::chrono::system_clock::time_point loaded_ = std::chrono::system_clock::now();
  std::shared_ptr<PluginHost> plugins_;
  std::string plugins_description_;
  std::vector<std::unique_ptr<Pipeline>> pipelines_;  // by name
  std::vector<std::shared_ptr<const PipelineInfo>> infos_;
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
  std::unique_ptr<Server> server_;
  std::unique_ptr<MetricsPublisher> metrics_;
  Worker worker_;
  std::vector<std::unique_ptr<Capture>> captures_;
};

}  // namespace glimpse::daemon
