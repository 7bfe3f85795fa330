// SPDX-License-Identifier: Apache-2.0
#include "daemon/log/log_writer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "daemon/supervisor/journal.h"

namespace glimpse::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kMaxRecords = 512;
constexpr std::chrono::seconds kTick(1);
constexpr std::chrono::seconds kStopTime(1);

// Whether stderr leads to the journal (systemd.exec(5), JOURNAL_STREAM): somebody may have sent it elsewhere since.
bool StderrIsTheJournal() {
  const char* given = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (given == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return StrCat(info.st_dev, ":", info.st_ino) == given;
}

bool WriteToJournal(Journal* journal, LogLevel level, const std::string& message, const LogFields& fields) {
  LogFields all{{"MESSAGE", Printable(message, std::numeric_limits<size_t>::max())},
                {"PRIORITY", StrCat(static_cast<int>(level))},
                {"SYSLOG_IDENTIFIER", "glimpsed"}};
  all.insert(all.end(), fields.begin(), fields.end());
  return journal->Send(all);
}

RateLimit LimitOf(const config::Log& settings) {
  return {settings.rate_limit_burst, std::chrono::duration_cast<SteadyClock::duration>(
                                         std::chrono::duration<double>(settings.rate_limit_interval_s))};
}

void Write(Journal* journal, LogLevel level, const std::string& message, const LogFields& fields) {
  if (journal != nullptr && WriteToJournal(journal, level, message, fields)) return;
  WriteLogLine(level, message);
}

}  // namespace

std::string KindOf(std::string_view message, const LogFields& fields) {
  for (const auto& [name, value] : fields) {
    if (name == "MESSAGE_ID") return value;
  }
  return std::string(message.substr(0, message.find_first_of("'\"/:0123456789")));
}

LogWriter::LogWriter(const config::Log& settings) {
  thread_ = std::thread(
      [queue = queue_, limit = LimitOf(settings), journal = StderrIsTheJournal()] { Run(queue, limit, journal); });
  SetLogSink([queue = queue_](LogLevel level, std::string_view message, const LogFields& fields) {
    {
      const std::lock_guard lock(queue->mutex);
      if (queue->records.size() >= kMaxRecords) {
        ++queue->lost;
        return;
      }
      queue->records.push_back({level, std::string(message), fields});
    }
    queue->changed.notify_all();
  });
}

LogWriter::~LogWriter() {
  SetLogSink(nullptr);
  std::unique_lock lock(queue_->mutex);
  queue_->stopping = true;
  queue_->changed.notify_all();
  const bool done = queue_->changed.wait_for(lock, kStopTime, [this] { return queue_->done; });
  lock.unlock();
  if (done) {
    thread_.join();
  } else {
    thread_.detach();  // hangs in a write; the process is about to end
  }
}

void LogWriter::SetLimits(const config::Log& settings) {
  const std::lock_guard lock(queue_->mutex);
  queue_->limit = LimitOf(settings);
}

void LogWriter::Run(const std::shared_ptr<Queue>& queue, RateLimit limit, bool to_journal) {
  std::optional<Journal> opened;
  if (to_journal) opened.emplace();
  Journal* journal = opened ? &*opened : nullptr;
  std::unique_lock lock(queue->mutex);
  while (true) {
    queue->changed.wait_for(lock, kTick, [&] { return queue->stopping || !queue->records.empty(); });
    std::deque<Record> records;
    records.swap(queue->records);
    const uint64_t lost = std::exchange(queue->lost, 0);
    const std::optional<RateLimit> new_limit = std::exchange(queue->limit, std::nullopt);
    const bool stopping = queue->stopping;
    lock.unlock();
    const auto now = SteadyClock::now();
    for (const auto& [kind, count] : limit.Ended(stopping || new_limit ? SteadyClock::time_point::max() : now)) {
      Write(journal, LogLevel::kNotice, StrCat(count, " messages like the last of their kind were left out: ", kind),
            {});
    }
    if (new_limit) limit = *new_limit;
    for (const Record& record : records) {
      if (!limit.Allow(KindOf(record.message, record.fields), now)) continue;
      Write(journal, record.level, record.message, record.fields);
    }
    if (lost > 0)
      Write(journal, LogLevel::kWarning, StrCat(lost, " messages were lost: the log was not read in time"), {});
    lock.lock();
    if (stopping && queue->records.empty()) break;
  }
  queue->done = true;
  queue->changed.notify_all();
}

}  // namespace glimpse::daemon
