// SPDX-License-Identifier: Apache-2.0
// The section metrics.
#include <arpa/inet.h>

#include <charconv>

#include "base/strings.h"
#include "config/schema.h"

namespace glimpse::config {
namespace {

// Whoever can reach an address can read it, so only this machine may.
bool IsLoopback(const std::string& address) {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

// "127.0.0.1:9754" or "[::1]:9754"; "" for none.
Result<void> ReadListen(const Node& node, Metrics* metrics) {
  metrics->address.clear();
  metrics->port = 0;
  if (node.kind == Node::Kind::kScalar && node.scalar.empty()) return {};
  GLIMPSE_ASSIGN_OR_RETURN(const std::string text, ReadText(node, "http"));
  const size_t colon = text.rfind(':');
  const std::string host = text.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), metrics->port);
  metrics->address = bracketed ? host.substr(1, host.size() - 2) : host;
  const bool whole = error == std::errc() && end == port.data() + port.size() && metrics->port > 0;
  if (!whole || !IsLoopback(metrics->address)) {
    return ConfigError(node.place, StrCat("'http' must be a loopback address and a port, such as 127.0.0.1:9754 or "
                                          "[::1]:9754, not '",
                                          Printable(text, 60), "'"));
  }
  return {};
}

Result<void> ReadTextfile(const Node& node, Metrics* metrics) {
  metrics->textfile.clear();
  if (node.kind == Node::Kind::kScalar && node.scalar.empty()) return {};
  GLIMPSE_ASSIGN_OR_RETURN(metrics->textfile, ReadText(node, "textfile"));
  if (metrics->textfile.front() != '/' || !metrics->textfile.ends_with(".prom")) {
    return ConfigError(node.place, StrCat("metrics.textfile must be an absolute path that ends in .prom, as "
                                          "node_exporter reads them, not '",
                                          Printable(metrics->textfile, 60), "'"));
  }
  return {};
}

}  // namespace

std::vector<Field> MetricsFields(Config* config) {
  Metrics* metrics = &config->metrics;
  // The places are kept: whether one can listen or write there is only found out later.
  const auto field = [=](const std::string& key, const std::function<Result<void>(const Node&)>& read) {
    return Field{key, [=](const Node& node) {
                   config->places["metrics." + key] = node.place.ToString();
                   return read(node);
                 }};
  };
  return {field("socket",
                [=](const Node& node) {
                  return ReadMap(node, "metrics.socket", SocketFields(&metrics->socket, "metrics.socket"));
                }),
          field("http", [=](const Node& node) { return ReadListen(node, metrics); }),
          field("textfile", [=](const Node& node) { return ReadTextfile(node, metrics); }),
          field("interval", [=](const Node& node) -> Result<void> {
            GLIMPSE_ASSIGN_OR_RETURN(metrics->interval_s, ReadDuration(node, "interval", 1, 3600));
            return {};
          })};
}

Result<void> ReadMetrics(const Node& node, Config* config) {
  config->places["metrics"] = node.place.ToString();
  GLIMPSE_RETURN_IF_ERROR(ReadMap(node, "metrics", MetricsFields(config)));
  const Metrics& metrics = config->metrics;
  if (!metrics.socket.path.empty() &&
      (metrics.socket.path == config->sockets.read.path || metrics.socket.path == config->sockets.control.path)) {
    return ConfigError(node.place, "metrics.socket.path is that of another socket; it needs its own");
  }
  return {};
}

}  // namespace glimpse::config
