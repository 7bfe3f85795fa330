// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string>

#include "base/strings.h"

namespace glimpse {
namespace {

std::atomic<LogLevel> g_level{LogLevel::kInfo};

std::string Prefix(LogLevel level) {
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  if (journal) return StrCat('<', static_cast<int>(level), '>');
  return StrCat(program_invocation_short_name, ": ");
}

}  // namespace

void SetLogLevel(LogLevel level) { g_level = level; }
LogLevel GetLogLevel() { return g_level; }

void Log(LogLevel level, std::string_view message) {
  if (level > GetLogLevel()) return;
  const std::string line = StrCat(Prefix(level), Printable(message, std::numeric_limits<size_t>::max()), '\n');
  // One write(2) keeps lines of several threads apart; a log that cannot be written has nowhere to complain.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace glimpse
