// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/json_text.h"
#include "daemon/log/log_writer.h"
#include "daemon/log/message_ids.h"
#include "daemon/messages.h"
#include "daemon/reload/methods.h"

#ifndef GLIMPSE_VERSION
#error "GLIMPSE_VERSION comes from CMake"
#endif

namespace glimpse::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStatusInterval(5);

LogLevel LevelOf(const config::Log& settings) { return LogLevelFromName(settings.level).value_or(LogLevel::kInfo); }

void LogPredictions(const std::vector<Prediction>& predictions) {
  for (const Prediction& each : predictions) {
    const Decision& decision = each.decision;
    const PipelineInfo& info = *each.pipeline;
    Log(LogLevel::kDebug,
        StrCat("frame ", each.frame, " of pipeline '", info.name, "'", each.region.empty() ? "" : ", region '",
               each.region, each.region.empty() ? "" : "'", ": ",
               decision.ok ? info.labels[static_cast<size_t>(decision.index)] : decision.reason, " (", decision.score,
               ")"),
        {{"PIPELINE", info.name},
         {"REGION", each.region},
         {"FRAME", std::to_string(each.frame)},
         {"MODEL", info.model_sha256}});
  }
}

}  // namespace

App::App(std::shared_ptr<Generation> generation, KnownPlugins known)
    : serving_(std::move(generation)),
      signals_(io_),
      watchdog_timer_(io_),
      status_timer_(io_),
      worker_(MakeListener(), serving_->config.sockets.max_requests),
      reloader_(MakeReloadHost(), std::move(known)) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) signals_.add(signal);
}

std::string App::version() const { return GLIMPSE_VERSION; }

Worker::Listener App::MakeListener() {
  return {[this](const std::vector<Prediction>& predictions) { Publish(predictions); },
          [this](Event event) { Publish(std::move(event)); }};
}

void App::Post(std::function<void()> task) {
  ++posted_;
  boost::asio::post(io_, [this, task = std::move(task)] {
    task();
    --posted_;
  });
}

void App::Publish(const std::vector<Prediction>& predictions) {
  if (GetLogLevel() >= LogLevel::kDebug) LogPredictions(predictions);
  // From this thread, if nothing stands in the way: to wake another takes longer than to write to the clients.
  if (posted_ == 0 && server_->TryPublish(predictions)) return;
  if (!posted_predictions_.Enter()) return;
  Post([this, predictions] {
    posted_predictions_.Leave();
    server_->Publish(predictions);
  });
}

void App::Publish(Event event) {
  // From any thread; the log first, for clients may not be there.
  LogEvent(event);
  if (!posted_events_.TryEnter()) return;
  Post([this, event = std::move(event)] {
    posted_events_.Leave();
    server_->PublishEvent(event);
  });
}

void App::LogEvent(const Event& event) {
  const bool bad = event.event.ends_with("-failed") || event.event == "reload-refused";
  LogFields fields{{"MESSAGE_ID", std::string(MessageIdOf(event.event))}};
  for (const char* key : {"camera", "pipeline"}) {
    if (const auto member = event.members.find(key); member != event.members.end()) {
      fields.emplace_back(key == std::string_view("camera") ? "CAMERA" : "PIPELINE", member->second);
    }
  }
  fields.insert(fields.end(), event.fields.begin(), event.fields.end());
  Log(bad ? LogLevel::kWarning : LogLevel::kNotice, event.members.at("message"), fields);
}

Result<std::unique_ptr<App>> App::Create(config::Config config) {
  SetLogLevel(LevelOf(config.log));
  KnownPlugins known;
  GLIMPSE_ASSIGN_OR_RETURN(auto generation, MakeGeneration(std::move(config), NotePlugins(&known)));
  return std::unique_ptr<App>(new App(std::move(generation), std::move(known)));
}

Reloader::Host App::MakeReloadHost() {
  return {[this](std::function<void(Worker::Seats&)> task) { return worker_.RunBetweenFrames(std::move(task)); },
          [this](std::shared_ptr<Generation> next, Event event, std::function<void()> done) {
            Post([this, next = std::move(next), event = std::move(event), done = std::move(done)]() mutable {
              Commit(std::move(next), event);
              done();
            });
          },
          [this](const std::string& name, const config::Config& settings) {
            return OpenCamera(name, settings, /*may_be_absent=*/false);
          },
          [this](Event event) { Publish(std::move(event)); }};
}

void App::Commit(std::shared_ptr<Generation> next, const Event& event) {
  const config::Config& config = next->config;
  // Other kernels leave a level that was set meanwhile; a configuration that was read sets its own.
  if (config.read_at != serving_->config.read_at) SetLogLevel(LevelOf(config.log));
  log_->SetLimits(config.log);
  worker_.SetMaxRequests(config.sockets.max_requests);
  serving_ = std::move(next);
  LogEvent(event);
  LogPipelines();
  server_->TakeOver();
  server_->PublishEvent(event);
}

void App::LogPipelines() const {
  for (const auto& info : serving_->infos) {
    Log(LogLevel::kInfo, StrCat("pipeline '", info->name, "': camera '", info->camera, "', model ", info->model_sha256,
                                ", ", info->numerics));
    for (const std::string& note : info->notes) Log(LogLevel::kNotice, StrCat("pipeline '", info->name, "': ", note));
  }
}

Result<std::shared_ptr<Capture>> App::OpenCamera(const std::string& name, const config::Config& config,
                                                 bool may_be_absent) {
  CaptureOptions options;
  options.may_be_absent = may_be_absent;
  auto capture = Capture::Open(
      name, config.cameras.at(name), worker_.wakeup(), [this](Event event) { Publish(std::move(event)); },
      std::move(options));
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
    GLIMPSE_ASSIGN_OR_RETURN(auto capture, OpenCamera(name, config, /*may_be_absent=*/true));
    serving_->captures.push_back(std::move(capture));
  }
  worker_.SetSeats(serving_->Seats());
  std::vector<std::string> notes;
  GLIMPSE_ASSIGN_OR_RETURN(metrics_, MetricsPublisher::Open(
                                         io_, config, [this] { return MetricsText(Metrics()); }, &notes));
  for (const std::string& note : notes) Log(LogLevel::kNotice, note);
  // Last, so that whoever can connect is served.
  GLIMPSE_RETURN_IF_ERROR(OpenSocket(SocketKind::kRead, config.sockets.read, std::move(inherited.read)));
  return OpenSocket(SocketKind::kControl, config.sockets.control, std::move(inherited.control));
}

void App::Run() {
  log_ = std::make_unique<LogWriter>(serving_->config.log);
  WaitForSignal();
  worker_.Start();
  for (const auto& capture : serving_->captures) capture->Start();
  reloader_.Start(serving_);
  LogPipelines();
  Log(LogLevel::kNotice, StrCat("version ", version(), " serves ", sockets_[0].path(), " and ", sockets_[1].path()),
      {{"MESSAGE_ID", std::string(kStartedId)}});
  notifier_.Ready(Summary());
  PetWatchdog();
  ReportStatus();
  io_.run();
  StopThreads();
  metrics_.reset();
  server_.reset();
  sockets_.clear();
  log_.reset();
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
    if (signal == SIGUSR1 || signal == SIGUSR2) {
      SetLogLevel(signal == SIGUSR1 ? LogLevel::kDebug : LevelOf(serving_->config.log));
      Log(LogLevel::kNotice,
          StrCat(signal == SIGUSR1 ? "SIGUSR1" : "SIGUSR2", ": the log level is now ", LogLevelName(GetLogLevel())));
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
  if (paused().size() == serving_->pipelines.size()) return "paused";
  return all_ended ? "ended" : "running";
}

std::shared_ptr<const EvidenceStore> App::Evidence(const std::string& name) { return serving_->Find(name)->evidence(); }

void App::SetPaused(const std::vector<std::string>& names, bool paused) {
  for (const auto& pipeline : serving_->pipelines) {
    const std::string& name = pipeline->info()->name;
    if (pipeline->paused() == paused || std::find(names.begin(), names.end(), name) == names.end()) continue;
    pipeline->SetPaused(paused);
    Publish({paused ? "pipeline-paused" : "pipeline-resumed",
             {{"pipeline", name}, {"message", StrCat("pipeline '", name, paused ? "' is paused" : "' goes on")}}});
  }
  worker_.wakeup()->Ring();
  notifier_.Status(Summary());
}

std::vector<std::string> App::paused() const {
  std::vector<std::string> names;
  for (const auto& pipeline : serving_->pipelines) {
    if (pipeline->paused()) names.push_back(pipeline->info()->name);
  }
  return names;
}

void App::Trigger(const std::vector<std::string>& names) {
  for (const std::string& name : names) serving_->Find(name)->Request();
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

MetricsInput App::Metrics() {
  MetricsInput input;
  input.version = version();
  input.loaded = serving_->config.read_at;
  input.last_reload_good = reloader_.history().last_reading_good;
  input.clients = server_->clients();
  for (const auto& capture : serving_->captures) input.cameras.push_back({capture->name(), capture->counts()});
  for (const auto& pipeline : serving_->pipelines) {
    input.pipelines.push_back(
        {pipeline->info(), pipeline->stats().Snapshot(input.now), pipeline->totals().Copy(), pipeline->paused()});
  }
  return input;
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
        nlohmann::json::parse(PipelineStatus(*pipeline->info(), pipeline->stats().Snapshot(now), pipeline->paused()));
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
