// SPDX-License-Identifier: Apache-2.0
// The sections sockets, plugins, reload and log.
#include <charconv>

#include "base/log.h"
#include "base/strings.h"
#include "config/schema.h"

namespace glimpse::config {
namespace {

constexpr size_t kMaxSocketPath = 106;  // sun_path, less the zero at its end and the suffix of a temporary name

Result<void> ReadMode(const Node& node, uint32_t* mode) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::string text, ReadText(node, "mode"));
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc() || end != text.data() + text.size() || value > 0777) {
    return ConfigError(node.place,
                       StrCat("'mode' must be octal permissions such as \"0660\", not '", Printable(text, 60), "'"));
  }
  *mode = value;
  return {};
}

}  // namespace

std::vector<Field> SocketFields(Socket* socket, const std::string& name) {
  return {{"path",
           [=](const Node& node) -> Result<void> {
             // The daemon's own sockets must be somewhere; that of the metrics may be nowhere.
             if (name == "metrics.socket" && node.kind == Node::Kind::kScalar && node.scalar.empty()) {
               socket->path.clear();
               return {};
             }
             GLIMPSE_ASSIGN_OR_RETURN(socket->path, ReadText(node, "path"));
             if (socket->path.front() != '/') {
               return ConfigError(node.place, StrCat(name, ".path must be absolute, that is begin with '/'"));
             }
             if (socket->path.size() > kMaxSocketPath) {
               return ConfigError(node.place, StrCat(name, ".path is ", socket->path.size(),
                                                     " bytes long, the limit is ", kMaxSocketPath));
             }
             return {};
           }},
          {"mode", [=](const Node& node) { return ReadMode(node, &socket->mode); }},
          {"group", [=](const Node& node) -> Result<void> {
             if (node.kind == Node::Kind::kScalar && node.scalar.empty()) {
               socket->group.clear();
             } else {
               GLIMPSE_ASSIGN_OR_RETURN(socket->group, ReadText(node, "group"));
             }
             // Written out, the default's name is still the default: the shipped file names it.
             const Sockets defaults;
             const Socket& own = name == "sockets.control" ? defaults.control : defaults.read;
             socket->group_is_default = socket->group == own.group;
             return {};
           }}};
}

std::vector<Field> SocketsFields(Sockets* sockets) {
  return {
      {"read",
       [=](const Node& node) { return ReadMap(node, "sockets.read", SocketFields(&sockets->read, "sockets.read")); }},
      {"control",
       [=](const Node& node) {
         return ReadMap(node, "sockets.control", SocketFields(&sockets->control, "sockets.control"));
       }},
      IntegerField("max_clients", &sockets->max_clients, 1, 1000),
      IntegerField("max_line_bytes", &sockets->max_line_bytes, 1024, 64 << 20),
      {"max_line_time",
       [=](const Node& node) -> Result<void> {
         GLIMPSE_ASSIGN_OR_RETURN(sockets->max_line_s, ReadDuration(node, "max_line_time", 1, 3600));
         return {};
       }},
      IntegerField("max_pending_bytes", &sockets->max_pending_bytes, 1024, 1 << 30),
      IntegerField("max_queue_messages", &sockets->max_queue_messages, 1, 100000),
      IntegerField("max_answers", &sockets->max_answers, 1, 10000),
      IntegerField("max_answer_bytes", &sockets->max_answer_bytes, 1024, 1 << 30),
      IntegerField("max_subscriptions", &sockets->max_subscriptions, 1, 1000),
      IntegerField("max_requests", &sockets->max_requests, 1, 1000),
      IntegerField("max_client_requests", &sockets->max_client_requests, 1, 1000),
      IntegerField("max_image_bytes", &sockets->max_image_bytes, 1, 32 << 20),
      {"classify_rate_hz", [=](const Node& node) -> Result<void> {
         GLIMPSE_ASSIGN_OR_RETURN(sockets->classify_rate_hz, ReadNumber(node, "classify_rate_hz", 0, 1000));
         return {};
       }}};
}

Result<void> ReadSockets(const Node& node, const Scope& scope) {
  Sockets* sockets = &scope.config->sockets;
  scope.Remember("sockets", node.place);
  for (const char* key : {"read", "control"}) {
    if (const Node* socket = node.Find(key)) scope.Remember(StrCat("sockets.", key), socket->place);
  }
  GLIMPSE_RETURN_IF_ERROR(ReadMap(node, "sockets", SocketsFields(sockets)));
  if (sockets->read.path == sockets->control.path) {
    return ConfigError(node.place, "sockets.read.path and sockets.control.path are the same; each needs its own");
  }
  // base64 makes four bytes of three; the rest of the request fits into 1,024.
  const uint64_t encoded = (uint64_t{sockets->max_image_bytes} + 2) / 3 * 4 + 1024;
  if (encoded > sockets->max_line_bytes) {
    return ConfigError(node.place, StrCat("a picture of sockets.max_image_bytes (", sockets->max_image_bytes,
                                          ") takes a line of ", encoded, " bytes, but sockets.max_line_bytes is ",
                                          sockets->max_line_bytes, "; lower the one or raise the other"));
  }
  return {};
}

std::vector<Field> PluginsFields(Config* config) {
  return {{"path", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const std::vector<Node>* items, ReadList(node, "path"));
             config->plugin_path.clear();
             config->places["plugins.path"] = node.place.ToString();
             for (const Node& item : *items) {
               GLIMPSE_ASSIGN_OR_RETURN(const std::string folder, ReadText(item, "plugins.path"));
               if (folder.front() != '/') {
                 return ConfigError(item.place, StrCat("the plugin folder '", Printable(folder, 60),
                                                       "' must be absolute, that is begin with '/'"));
               }
               config->plugin_path.push_back(folder);
             }
             return {};
           }}};
}

std::vector<Field> ReloadFields(Reload* reload) {
  const auto duration = [](const char* key, double* target, double min) -> Field {
    return {key, [=](const Node& node) -> Result<void> {
              GLIMPSE_ASSIGN_OR_RETURN(*target, ReadDuration(node, key, min, 3600));
              return {};
            }};
  };
  return {IntegerField("frames", &reload->frames, 0, 64), duration("time", &reload->time_s, 0.01),
          duration("trial", &reload->trial_s, 0.1)};
}

std::vector<Field> LogFields(Log* log) {
  return {{"level",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "level", LogLevelNames()));
             log->level = LogLevelNames()[index];
             return {};
           }},
          IntegerField("rate_limit_burst", &log->rate_limit_burst, 0, 1'000'000),
          {"rate_limit_interval", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(log->rate_limit_interval_s,
                                      ReadDuration(node, "rate_limit_interval", 0.1, 86400));
             return {};
           }}};
}

}  // namespace glimpse::config
