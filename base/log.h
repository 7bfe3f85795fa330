// SPDX-License-Identifier: Apache-2.0
// Leveled log lines on stderr. Only the programs log (daemon/, cli/, tests); libraries return errors.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace glimpse {

// syslog's severities, those we use.
enum class LogLevel { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6, kDebug = 7 };

// Lines above this level are dropped. Default kInfo. Thread-safe.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();

// error, warning, notice, info, debug: from the least to say to the most. Reentrant.
const std::vector<std::string>& LogLevelNames();
std::string_view LogLevelName(LogLevel level);
std::optional<LogLevel> LogLevelFromName(std::string_view name);

// What is known beside the message, by journald's names: {"PIPELINE", "digits"}. Where lines go to stderr fields are
// left out, for the message says what people need.
using LogFields = std::vector<std::pair<std::string, std::string>>;

// Lets `sink` have what is logged from now on instead of stderr; nothing: stderr again. The sink is called by any
// thread, and must not log itself. Thread-safe.
using LogSink = std::function<void(LogLevel level, std::string_view message, const LogFields& fields)>;
void SetLogSink(LogSink sink);

// Logs one message to the sink, or to stderr without one. Thread-safe.
void Log(LogLevel level, std::string_view message, const LogFields& fields = {});

// Writes one line to stderr, atomically with respect to other threads, whatever the level and the sink; line breaks and
// control bytes in `message` are escaped. Under systemd (JOURNAL_STREAM set) the line starts with "<N>", N the
// severity, which journald reads as its priority; elsewhere with the program's name. Thread-safe.
void WriteLogLine(LogLevel level, std::string_view message);

}  // namespace glimpse
