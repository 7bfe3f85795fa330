// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>

#include "base/log.h"
#include "base/strings.h"
#include "daemon/describe.h"
#include "daemon/json_text.h"
#include "daemon/log/log_writer.h"
#include "daemon/log/message_ids.h"
#include "daemon/messages.h"

#ifndef GLIMPSE_VERSION
#error "GLIMPSE_VERSION comes from CMake"
#endif

namespace glimpse::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStatusInterval(5);

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

App::App(config::Config config)
    : config_(std::move(config)),
      signals_(io_),
      watchdog_timer_(io_),
      status_timer_(io_),
      worker_(MakeListener(), config_.sockets.max_requests) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) signals_.add(signal);
}

std::string App::version() const { return GLIMPSE_VERSION; }

Worker::Listener App::MakeListener() {
  return {[this](std::vector<Prediction> predictions) {
            if (GetLogLevel() >= LogLevel::kDebug) LogPredictions(predictions);
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
  const bool bad = event.event.ends_with("-failed");
  LogFields fields{{"MESSAGE_ID", std::string(MessageIdOf(event.event))}};
  for (const char* key : {"camera", "pipeline"}) {
    if (const auto member = event.members.find(key); member != event.members.end()) {
      fields.emplace_back(key == std::string_view("camera") ? "CAMERA" : "PIPELINE", member->second);
    }
  }
  fields.insert(fields.end(), event.fields.begin(), event.fields.end());
  Log(bad ? LogLevel::kWarning : LogLevel::kNotice, event.members["message"], fields);
  if (!posted_events_.TryEnter()) return;
  boost::asio::post(io_, [this, event = std::move(event)] {
    posted_events_.Leave();
    server_->PublishEvent(event);
  });
}

Result<std::unique_ptr<App>> App::Create(config::Config config) {
  SetLogLevel(LogLevelFromName(config.log.level).value_or(LogLevel::kInfo));
  if (config.pipelines.empty()) {
    return Unexpected(
        ErrorCode::kInvalidConfig,
        StrCat(config.files.front(),
               ": has no pipeline, so there is nothing to do; the smallest useful file "
               "is 'cameras: {front: {}}' and 'pipelines: {digits: {camera: front, model: digits-28x28.tflite}}'"));
  }
  std::unique_ptr<App> app(new App(std::move(config)));
  GLIMPSE_RETURN_IF_ERROR(app->LoadPlugins());
  for (const auto& [name, settings] : app->config_.pipelines) {
    GLIMPSE_ASSIGN_OR_RETURN(auto pipeline, Pipeline::Create(app->config_, settings, app->plugins_));
    app->infos_.push_back(pipeline->info());
    app->pipelines_.push_back(std::move(pipeline));
  }
  return app;
}

Result<void> App::LoadPlugins() {
  auto plugins = PluginHost::Load(config_.plugin_path, CpuInfo::Detect());
  if (!plugins) {
    Error error = std::move(plugins).error();
    if (config_.plugin_path.empty()) return Unexpected(std::move(error));
    // A folder that is not there is a mistake in the file that names it.
    if (error.code == ErrorCode::kIo) error.code = ErrorCode::kInvalidConfig;
    return Unexpected(error.code, StrCat(config_.PlaceOf("plugins.path"), ": ", error.message));
  }
  plugins_ = *plugins;
  std::vector<std::string> refused;
  for (const PluginRefusal& refusal : plugins_->refusals()) {
    refused.push_back(refusal.reason.starts_with(refusal.path) ? refusal.reason
                                                               : StrCat(refusal.path, ": ", refusal.reason));
  }
  if (!refused.empty()) {
    return Unexpected(ErrorCode::kPlugin, StrCat(StrJoin(refused, "; "), "; repair or remove the plugin"));
  }
  plugins_description_ = DescribePlugins(*plugins_);
  return {};
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
  for (const auto& [name, camera] : config_.cameras) {
    std::vector<Pipeline*> users;
    for (const auto& pipeline : pipelines_) {
      if (pipeline->info()->camera == name) users.push_back(pipeline.get());
    }
    if (users.empty()) {
      Log(LogLevel::kNotice, StrCat("camera '", name, "' is used by no pipeline, ignoring it"));
      continue;
    }
    auto capture = Capture::Open(name, camera, worker_.wakeup(), [this](Event event) { Publish(std::move(event)); });
    if (!capture) {
      Error error = std::move(capture).error();
      return Unexpected(error.code, StrCat(config_.PlaceOf(StrCat("cameras.", name)), ": ", error.message));
    }
    worker_.Add(capture->get(), std::move(users));
    captures_.push_back(std::move(*capture));
  }
  std::vector<std::string> notes;
  GLIMPSE_ASSIGN_OR_RETURN(metrics_, MetricsPublisher::Open(
                                         io_, config_, [this] { return MetricsText(Metrics()); }, &notes));
  for (const std::string& note : notes) Log(LogLevel::kNotice, note);
  // Last, so that whoever can connect is served.
  GLIMPSE_RETURN_IF_ERROR(OpenSocket(SocketKind::kRead, config_.sockets.read, std::move(inherited.read)));
  return OpenSocket(SocketKind::kControl, config_.sockets.control, std::move(inherited.control));
}

void App::Run() {
  const LogWriter log(config_.log);
  WaitForSignal();
  worker_.Start();
  for (const auto& capture : captures_) capture->Start();
  for (const auto& info : infos_) {
    Log(LogLevel::kInfo, StrCat("pipeline '", info->name, "': camera '", info->camera, "', model ", info->model_sha256,
                                ", ", info->numerics));
    for (const std::string& note : info->notes) Log(LogLevel::kNotice, StrCat("pipeline '", info->name, "': ", note));
  }
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
}

App::~App() { StopThreads(); }

void App::StopThreads() {
  // The worker reads from the cameras, the cameras ring the worker's bell: so it stops first and goes last. It may be
  // waiting for this thread to take predictions.
  posted_predictions_.Close();
  worker_.Stop();
  captures_.clear();
}

void App::WaitForSignal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      Log(LogLevel::kWarning,
          "SIGHUP: reload is not in this version, ignoring; restart to read the configuration again");
      return WaitForSignal();
    }
    if (signal == SIGUSR1 || signal == SIGUSR2) {
      const LogLevel configured = LogLevelFromName(config_.log.level).value_or(LogLevel::kInfo);
      SetLogLevel(signal == SIGUSR1 ? LogLevel::kDebug : configured);
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
  bool all_ended = !captures_.empty();
  for (const auto& capture : captures_) {
    const CameraState state = capture->counts().state;
    if (state == CameraState::kFailed) return "degraded";
    all_ended = all_ended && state == CameraState::kEnded;
  }
  for (const auto& pipeline : pipelines_) {
    if (pipeline->stats().Snapshot(SteadyClock::now()).failing) return "degraded";
  }
  if (paused().size() == pipelines_.size()) return "paused";
  return all_ended ? "ended" : "running";
}

std::shared_ptr<const EvidenceStore> App::Evidence(const std::string& name) {
  const auto found = std::find_if(pipelines_.begin(), pipelines_.end(),
                                  [&](const auto& pipeline) { return pipeline->info()->name == name; });
  return (*found)->evidence();
}

void App::SetPaused(const std::vector<std::string>& names, bool paused) {
  for (const auto& pipeline : pipelines_) {
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
  for (const auto& pipeline : pipelines_) {
    if (pipeline->paused()) names.push_back(pipeline->info()->name);
  }
  return names;
}

std::string App::Summary() {
  uint64_t predictions = 0;
  double rate = 0;
  for (const auto& pipeline : pipelines_) {
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
  input.loaded = loaded_;
  input.clients = server_->clients();
  for (const auto& capture : captures_) input.cameras.push_back({capture->name(), capture->counts()});
  for (const auto& pipeline : pipelines_) {
    input.pipelines.push_back(
        {pipeline->info(), pipeline->stats().Snapshot(input.now), pipeline->totals().Copy(), pipeline->paused()});
  }
  return input;
}

std::string App::Status(const ClientCounts& clients) {
  const auto now = SteadyClock::now();
  nlohmann::json cameras = nlohmann::json::object();
  for (const auto& capture : captures_) {
    cameras[capture->name()] = nlohmann::json::parse(CameraStatus(capture->camera(), capture->counts(), now));
  }
  nlohmann::json pipelines = nlohmann::json::object();
  for (const auto& pipeline : pipelines_) {
    pipelines[pipeline->info()->name] =
        nlohmann::json::parse(PipelineStatus(*pipeline->info(), pipeline->stats().Snapshot(now), pipeline->paused()));
  }
  return ToText({{"state", State()},
                 {"version", version()},
                 {"pid", ::getpid()},
                 {"uptime_us", std::chrono::duration_cast<std::chrono::microseconds>(now - started_).count()},
                 {"config", config_.sha256},
                 {"clients",
                  {{"read", clients.read},
                   {"control", clients.control},
                   {"max", config_.sockets.max_clients},
                   {"refused", clients.refused}}},
                 {"cameras", cameras},
                 {"pipelines", pipelines}});
}

}  // namespace glimpse::daemon
