// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <string>

#include "base/strings.h"

namespace glimpse {
namespace {

std::atomic<LogLevel> g_level{LogLevel::kInfo};
std::mutex g_sink_mutex;
std::shared_ptr<const LogSink> g_sink;

std::string Prefix(LogLevel level) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  if (journal) return StrCat('<', static_cast<int>(level), '>');
  return StrCat(program_invocation_short_name, ": ");
}

}  // namespace

const std::vector<std::string>& LogLevelNames() {
  static const std::vector<std::string> names{"error", "warning", "notice", "info", "debug"};
  return names;
}

std::string_view LogLevelName(LogLevel level) {
  return LogLevelNames()[static_cast<size_t>(level) - static_cast<size_t>(LogLevel::kError)];
}

std::optional<LogLevel> LogLevelFromName(std::string_view name) {
  for (size_t i = 0; i < LogLevelNames().size(); ++i) {
    if (LogLevelNames()[i] == name) return static_cast<LogLevel>(static_cast<size_t>(LogLevel::kError) + i);
  }
  return std::nullopt;
}

void SetLogLevel(LogLevel level) { g_level = level; }
LogLevel GetLogLevel() { return g_level; }

void SetLogSink(LogSink sink) {
  auto shared = sink ? std::make_shared<const LogSink>(std::move(sink)) : nullptr;
  const std::lock_guard lock(g_sink_mutex);
  g_sink.swap(shared);
}

void Log(LogLevel level, std::string_view message, const LogFields& fields) {
  if (level > GetLogLevel()) return;
  std::shared_ptr<const LogSink> sink;
  {
    const std::lock_guard lock(g_sink_mutex);
    sink = g_sink;
  }
  if (sink) return (*sink)(level, message, fields);
  WriteLogLine(level, message);
}

void WriteLogLine(LogLevel level, std::string_view message) {
  const std::string line = StrCat(Prefix(level), Printable(message, std::numeric_limits<size_t>::max()), '\n');
  // One write(2) keeps lines of several threads apart; a log that cannot be written has nowhere to complain.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace glimpse
