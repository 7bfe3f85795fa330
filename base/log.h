// SPDX-License-Identifier: Apache-2.0
// Leveled log lines on stderr. Only the programs log (daemon/, cli/, tests); libraries return errors.
#pragma once

#include <string_view>

namespace glimpse {

// syslog's severities, those we use.
enum class LogLevel { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6, kDebug = 7 };

// Lines above this level are dropped. Default kInfo. Thread-safe.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();

// Writes one line, atomically with respect to other threads; line breaks and control bytes in `message` are escaped.
// Under systemd (JOURNAL_STREAM set) the line starts with "<N>", N the severity, which journald reads as its priority;
// elsewhere with the program's name. Thread-safe.
void Log(LogLevel level, std::string_view message);

}  // namespace glimpse
