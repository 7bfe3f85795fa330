// SPDX-License-Identifier: Apache-2.0
#include "daemon/reload/trial.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/strings.h"
#include "base/unique_fd.h"

namespace glimpse::daemon {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr size_t kMaxAnswerLine = 64u << 10;

Unexpected TrialSystemError(const char* what) {
  const int saved = errno;
  return Unexpected(ErrorCode::kIo,
                    StrCat("cannot try the new state in a process of its own: ", what, ": ", std::strerror(saved)));
}

// The request as a file that the helper reads as its input.
Result<UniqueFd> RequestFile(const std::string& text) {
  UniqueFd fd(::memfd_create("glimpsed-trial", MFD_CLOEXEC));
  if (!fd.valid()) return TrialSystemError("memfd_create");
  for (size_t done = 0; done < text.size();) {
    const ssize_t put = ::write(fd.get(), text.data() + done, text.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return TrialSystemError("write");
    done += static_cast<size_t>(put);
  }
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return TrialSystemError("lseek");
  return fd;
}

// The helper as a process of ours: it is gone when this object is.
class Helper {
 public:
  Helper() = default;
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() { (void)End(); }

  Result<void> Start(const std::string& program, int input, int output) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, 1);
    char name[] = "glimpsed";
    char option[] = "--trial";
    char* const arguments[] = {name, option, nullptr};
    const int failure = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failure == 0) return {};
    pid_ = -1;
    errno = failure;
    return TrialSystemError("posix_spawn");
  }

  // Kills it unless it has ended, and returns its wait status. One that is ending keeps the status it has.
  int End() {
    if (pid_ < 0) return 0;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
};

ErrorCode CodeNamed(int number) {
  const bool known = number >= 0 && number <= static_cast<int>(ErrorCode::kInternal);
  return known ? static_cast<ErrorCode>(number) : ErrorCode::kInternal;
}

// Collects the helper's lines.
class Answer {
 public:
  // False once there is nothing more to wait for.
  bool Take(std::string_view bytes) {
    buffer_ += bytes;
    size_t end = 0;
    while ((end = buffer_.find('\n')) != std::string::npos) {
      TakeAnswerLine(buffer_.substr(0, end));
      buffer_.erase(0, end + 1);
    }
    return !finished_ && buffer_.size() <= kMaxAnswerLine;
  }
  bool finished() const { return finished_; }
  const std::string& at() const { return at_; }
  TrialOutcome& outcome() { return outcome_; }

 private:
  void TakeAnswerLine(const std::string& line) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return;
    try {
      if (json.contains("at")) at_ = json["at"].get<std::string>();
      if (json.contains("tried")) {
        if (const auto digest = DigestFromHex(json["tried"].get<std::string>())) outcome_.tried.insert(*digest);
      }
      if (json.contains("error")) {
        const auto& error = json["error"];
        outcome_.error = {CodeNamed(error.at("code").get<int>()), error.at("message").get<std::string>()};
        outcome_.wrong = {error.at("pipeline").get<std::string>(), error.at("operator").get<int>(),
                          error.at("layer").get<std::string>(), error.at("kernel").get<std::string>(),
                          error.at("plugin").get<std::string>()};
        finished_ = true;
      }
      finished_ = finished_ || json.contains("done");
    } catch (const nlohmann::json::exception&) {
      // Not a line of ours: as if it had not come.
    }
  }

  std::string buffer_;
  std::string at_ = "starting";
  TrialOutcome outcome_;
  bool finished_ = false;
};

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) {
    const char* text = ::sigdescr_np(WTERMSIG(status));
    return StrCat("ended with signal ", WTERMSIG(status), " (", text != nullptr ? text : "unknown", ")");
  }
  return StrCat("ended with status ", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

enum class Wait { kReadable, kTimeOut, kStopped };

Wait WaitFor(int fd, int stop_fd, SteadyTime deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Wait::kTimeOut;
    pollfd both[] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
    const int ready = ::poll(both, 2, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return Wait::kStopped;
    if (both[1].revents != 0) return Wait::kStopped;
    if (both[0].revents != 0) return Wait::kReadable;
  }
}

}  // namespace

Result<golden::Comparison> ProveTrial(Graph& graph, const TrialVectors& vectors, golden::Watcher* watcher,
                                      WrongKernel* wrong) {
  auto proved = Prove(graph, vectors.vectors, vectors.what, vectors.remedy, watcher, wrong);
  if (!proved && vectors.made_up && proved.error().code == ErrorCode::kInvalidArgument) return golden::Comparison{};
  return proved;
}

Result<TrialOutcome> RunTrial(const TrialRequest& request, const std::stop_token& stop, const std::string& program) {
  GLIMPSE_ASSIGN_OR_RETURN(const UniqueFd input, RequestFile(FormatTrial(request)));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return TrialSystemError("pipe2");
  const UniqueFd from_helper(ends[0]);
  UniqueFd to_us(ends[1]);
  const UniqueFd stop_fd(::eventfd(0, EFD_CLOEXEC));
  if (!stop_fd.valid()) return TrialSystemError("eventfd");
  const std::stop_callback wake(stop, [&] { (void)::eventfd_write(stop_fd.get(), 1); });
  const SteadyTime deadline = std::chrono::steady_clock::now() + std::chrono::duration_cast<SteadyTime::duration>(
                                                                     std::chrono::duration<double>(request.seconds));
  Helper helper;
  GLIMPSE_RETURN_IF_ERROR(helper.Start(program, input.get(), to_us.get()));
  to_us.reset();
  Answer answer;
  while (true) {
    const Wait wait = WaitFor(from_helper.get(), stop_fd.get(), deadline);
    if (wait == Wait::kStopped) return Unexpected(ErrorCode::kExhausted, "the daemon ends");
    if (wait == Wait::kTimeOut) {
      answer.outcome().error = {
          ErrorCode::kPlugin, StrCat("the process that tried the new state did not come back within ", request.seconds,
                                     " seconds (reload.trial): ", answer.at())};
      return std::move(answer.outcome());
    }
    char bytes[16384];
    const ssize_t got = ::read(from_helper.get(), bytes, sizeof(bytes));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || !answer.Take({bytes, static_cast<size_t>(got)})) break;
  }
  const int status = helper.End();
  if (!answer.finished()) {
    answer.outcome().error = {ErrorCode::kPlugin,
                              StrCat("the process that tried the new state ", HowItEnded(status), ": ", answer.at())};
  }
  return std::move(answer.outcome());
}

}  // namespace glimpse::daemon
