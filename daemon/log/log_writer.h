// SPDX-License-Identifier: Apache-2.0
// Where the daemon's log goes while it runs: to the journal with its fields, or to stderr.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/log.h"
#include "config/config.h"
#include "daemon/log/rate_limit.h"

namespace glimpse::daemon {

// What of a message says which kind it is: its MESSAGE_ID, or its words up to the first name or number. Reentrant.
std::string KindOf(std::string_view message, const LogFields& fields);

// Takes what Log() is given for as long as it lives. A thread of its own writes, so that a journal or a pipe that
// nobody reads holds up neither clients nor inference; what finds no room is counted and told of.
class LogWriter {
 public:
  explicit LogWriter(const config::Log& settings);
  // Writes what waits, for at most a second; from then on Log() writes to stderr again.
  ~LogWriter();

  // Other limits from now on. Thread-safe.
  void SetLimits(const config::Log& settings);

 private:
  struct Record {
    LogLevel level;
    std::string message;
    LogFields fields;
  };
  // Shared with the thread, which is left alone at the end when whoever reads the log does not.
  struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Record> records;
    uint64_t lost = 0;
    std::optional<RateLimit> limit;  // a new one, for the thread to take
    bool stopping = false;
    bool done = false;
  };
  static void Run(const std::shared_ptr<Queue>& queue, RateLimit limit, bool to_journal);

  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::thread thread_;
};

}  // namespace glimpse::daemon
