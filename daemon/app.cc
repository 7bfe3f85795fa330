// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <map>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/json_text.h"
#include "daemon/messages.h"
#include "daemon/reload/methods.h"

#ifndef GLIMPSE_VERSION
#error "GLIMPSE_VERSION comes from CMake"
#endif

namespace glimpse::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStatusInterval(5);

LogLevel LevelOf(const std::string& name) {
  static const std::map<std::string, LogLevel> levels{{"error", LogLevel::kError},
                                                      {"warning", LogLevel::kWarning},
                                                      {"notice", LogLevel::kNotice},
                                                      {"info", LogLevel::kInfo},
                                                      {"debug", LogLevel::kDebug}};
  const auto found = levels.find(name);
  return found == levels.end() ? LogLevel::kInfo : found->second;
}

}  // namespace

App::App(std::shared_ptr<Generation> generation, KnownPlugins known)
    : serving_(std::move(generation)),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      watchdog_timer_(io_),
      status_timer_(io_),
      worker_(MakeListener()),
      reloader_(MakeReloadHost(), std::move(known)) {}

std::string App::version() const { return GLIMPSE_VERSION; }

Worker::Listener App::MakeListener() {
  return {[this](std::vector<Prediction> predictions) {
            if (!posted_predictions_.Enter()) return;
            boost::asio::post(io_, [this, predictions = std::move(predictions)] {
              posted_predictions_.Leave();
              server_->Publish(predictions);
            });
          },
          [this](Event event) { Publish(std::move(event)); }};
}

void App::Publish(Event event) {
  // From any thread; the log first, for clients may not be there.
  const bool bad = event.event.ends_with("-failed") || event.event == "reload-refused";
  Log(bad ? LogLevel::kWarning : LogLevel::kNotice, event.members["message"]);
  if (!posted_events_.TryEnter()) return;
  boost::asio::post(io_, [this, event = std::move(event)] {
    posted_events_.Leave();
    server_->PublishEvent(event);
  });
}

Result<std::unique_ptr<App>> App::Create(config::Config config) {
  SetLogLevel(LevelOf(config.log.level));
  KnownPlugins known;
  GLIMPSE_ASSIGN_OR_RETURN(auto generation, MakeGeneration(std::move(config), NotePlugins(&known)));
  return std::unique_ptr<App>(new App(std::move(generation), std::move(known)));
}

Reloader::Host App::MakeReloadHost() {
  return {[this](std::function<void(Worker::Seats&)> task) { return worker_.RunBetweenFrames(std::move(task)); },
          [this](std::shared_ptr<Generation> next, Event event, std::function<void()> done) {
            boost::asio::post(
                io_, [this, next = std::move(next), event = std::move(event), done = std::move(done)]() mutable {
                  Commit(std::move(next), event);
                  done();
                });
          },
          [this](const std::string& name, const config::Config& settings) { return OpenCamera(name, settings); },
          [this](Event event) { Publish(std::move(event)); }};
}

void App::Commit(std::shared_ptr<Generation> next, const Event& event) {
  serving_ = std::move(next);
  SetLogLevel(LevelOf(serving_->config.log.level));
  Log(LogLevel::kNotice, event.members.at("message"));
  LogPipelines();
  server_->KeepLatestOf(serving_->infos);
  server_->PublishEvent(event);
}

void App::LogPipelines() const {
  for (const auto& info : serving_->infos) {
    Log(LogLevel::kInfo, StrCat("pipeline '", info->name, "': camera '", info->camera, "', model ", info->model_sha256,
                                ", ", info->numerics));
    for (const std::string& note : info->notes) Log(LogLevel::kNotice, StrCat("pipeline '", info->name, "': ", note));
  }
}

Result<std::shared_ptr<Capture>> App::OpenCamera(const std::string& name, const config::Config& config) {
  auto capture = Capture::Open(name, config.cameras.at(name), worker_.wakeup(),
                               [this](Event event) { Publish(std::move(event)); });
  if (!capture) {
    Error error = std::move(capture).error();
    return Unexpected(error.code, StrCat(config.PlaceOf(StrCat("cameras.", name)), ": ", error.message));
  }
  (*capture)->KeepFrames(config.reload.frames);
  return std::shared_ptr<Capture>(std::move(*capture));
}

Result<void> App::OpenSocket(SocketKind kind, const config::Socket& socket, UniqueFd inherited) {
  const char* name = kind == SocketKind::kRead ? "read" : "control";
  if (inherited.valid()) {
    Log(LogLevel::kInfo, StrCat("the socket '", name, "' comes from systemd"));
    sockets_.push_back(ListeningSocket::Inherit(std::move(inherited), socket.path));
  } else {
    std::vector<std::string> notes;
    GLIMPSE_ASSIGN_OR_RETURN(auto made, ListeningSocket::Make(socket, &notes));
    sockets_.push_back(std::move(made));
    for (const std::string& note : notes) Log(LogLevel::kNotice, note);
  }
  server_->Listen(kind, sockets_.back().TakeFd());
  return {};
}

Result<void> App::Open() {
  server_ = std::make_unique<Server>(io_, *this);
  GLIMPSE_ASSIGN_OR_RETURN(auto inherited, TakeInheritedSockets());
  const config::Config& config = serving_->config;
  for (const auto& [name, camera] : config.cameras) {
    if (!IsUsed(config, name)) {
      Log(LogLevel::kNotice, StrCat("camera '", name, "' is used by no pipeline, ignoring it"));
      continue;
    }
    GLIMPSE_ASSIGN_OR_RETURN(auto capture, OpenCamera(name, config));
    serving_->captures.push_back(std::move(capture));
  }
  worker_.SetSeats(serving_->Seats());
  // Last, so that whoever can connect is served.
  GLIMPSE_RETURN_IF_ERROR(OpenSocket(SocketKind::kRead, config.sockets.read, std::move(inherited.read)));
  return OpenSocket(SocketKind::kControl, config.sockets.control, std::move(inherited.control));
}

void App::Run() {
  WaitForSignal();
  worker_.Start();
  for (const auto& capture : serving_->captures) capture->Start();
  reloader_.Start(serving_);
  LogPipelines();
  Log(LogLevel::kNotice, StrCat("version ", version(), " serves ", sockets_[0].path(), " and ", sockets_[1].path()));
  notifier_.Ready(Summary());
  PetWatchdog();
  ReportStatus();
  io_.run();
  StopThreads();
  server_.reset();
  sockets_.clear();
}

App::~App() { StopThreads(); }

void App::StopThreads() {
  // The worker reads from the cameras, the cameras ring the worker's bell: so it stops first and goes last. It may be
  // waiting for this thread to take predictions.
  posted_predictions_.Close();
  reloader_.RequestStop();
  worker_.Stop();
  reloader_.Join();
  worker_.SetSeats({});
  serving_->captures.clear();
}

void App::WaitForSignal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      if (!TryReload({"SIGHUP", std::nullopt, nullptr})) {
        Log(LogLevel::kWarning, "SIGHUP: too many changes wait already, ignoring");
      }
      return WaitForSignal();
    }
    Log(LogLevel::kNotice, StrCat(signal == SIGTERM ? "SIGTERM" : "SIGINT", ": stopping"));
    BeginStop();
  });
}

void App::BeginStop() {
  notifier_.Stopping();
  watchdog_timer_.cancel();
  status_timer_.cancel();
  server_->Stop([this] { io_.stop(); });
}

void App::PetWatchdog() {
  const auto interval = notifier_.watchdog_interval();
  if (!interval) return;
  watchdog_timer_.expires_after(*interval);
  watchdog_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    // Only what the inference thread did since counts: this timer alone would run on while that hangs.
    const uint64_t beats = worker_.beats();
    if (beats != last_beats_) notifier_.PetWatchdog();
    last_beats_ = beats;
    PetWatchdog();
  });
}

void App::ReportStatus() {
  status_timer_.expires_after(kStatusInterval);
  status_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    notifier_.Status(Summary());
    ReportStatus();
  });
}

std::string App::State() const {
  bool all_ended = !serving_->captures.empty();
  for (const auto& capture : serving_->captures) {
    const CameraState state = capture->counts().state;
    if (state == CameraState::kFailed) return "degraded";
    all_ended = all_ended && state == CameraState::kEnded;
  }
  for (const auto& pipeline : serving_->pipelines) {
    if (pipeline->stats().Snapshot(SteadyClock::now()).failing) return "degraded";
  }
  return all_ended ? "ended" : "running";
}

std::string App::Summary() {
  uint64_t predictions = 0;
  double rate = 0;
  for (const auto& pipeline : serving_->pipelines) {
    const PipelineCounts counts = pipeline->stats().Snapshot(SteadyClock::now());
    predictions += counts.predictions;
    rate += counts.rate_hz;
  }
  const ClientCounts clients = server_->clients();
  return StrCat(State(), ": ", predictions, " predictions, ", rate, " a second, ", clients.read + clients.control,
                " clients");
}

std::string App::Status(const ClientCounts& clients) {
  const auto now = SteadyClock::now();
  nlohmann::json cameras = nlohmann::json::object();
  for (const auto& capture : serving_->captures) {
    cameras[capture->name()] = nlohmann::json::parse(CameraStatus(capture->camera(), capture->counts(), now));
  }
  nlohmann::json pipelines = nlohmann::json::object();
  for (const auto& pipeline : serving_->pipelines) {
    pipelines[pipeline->info()->name] =
        nlohmann::json::parse(PipelineStatus(*pipeline->info(), pipeline->stats().Snapshot(now)));
  }
  return ToText({{"state", State()},
                 {"version", version()},
                 {"pid", ::getpid()},
                 {"uptime_us", std::chrono::duration_cast<std::chrono::microseconds>(now - started_).count()},
                 {"config", serving_->config.sha256},
                 {"clients",
                  {{"read", clients.read},
                   {"control", clients.control},
                   {"max", serving_->config.sockets.max_clients},
                   {"refused", clients.refused}}},
                 {"cameras", cameras},
                 {"pipelines", pipelines},
                 {"reload", HistoryJson(reloader_.history())}});
}

}  // namespace glimpse::daemon
