// SPDX-License-Identifier: Apache-2.0
#include "opcheck/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "opcheck/guarded_block.h"
#include "opcheck/kernel_runner.h"

namespace glimpse::opcheck {
namespace {

using Clock = std::chrono::steady_clock;

// Of the child: read by its signal handler.
int answer_fd = -1;
char doing[1024] = "";
unsigned limit_seconds = 0;

const char* SignalName(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    case SIGABRT:
      return "SIGABRT";
    case SIGTRAP:
      return "SIGTRAP";
    case SIGKILL:
      return "SIGKILL";
    default:
      return "another signal";
  }
}

// Says where the plugin was when it crashed, or when its time was up, and ends the process.
void OnSignal(int signal, siginfo_t* info, void*) {
  char where[512] = "";
  if (signal == SIGSEGV || signal == SIGBUS) {
    char block[400] = "";
    if (GuardedBlock::ExplainAddress(info->si_addr, block, sizeof(block))) {
      std::snprintf(where, sizeof(where), ": it was %s", block);
    }
  }
  const char* const call = RunningCall();
  char text[2048];
  int size = 0;
  if (signal == SIGALRM) {
    size = std::snprintf(text, sizeof(text), "F 0 did not end within %u s%s%s%s%s%s", limit_seconds,
                         call ? ", in " : "", call ? call : "", call ? "()" : "", *doing ? "; " : "", doing);
  } else {
    size = std::snprintf(text, sizeof(text), "F 0 crashed (%s)%s%s%s%s%s%s", SignalName(signal), call ? " in " : "",
                         call ? call : "", call ? "()" : "", where, *doing ? "; " : "", doing);
  }
  const ssize_t put = ::write(answer_fd, text, std::min(static_cast<size_t>(std::max(size, 0)), sizeof(text) - 1));
  (void)put;
  ::_exit(1);
}

void CatchSignals(std::chrono::seconds limit) {
  // Of its own, so that a stack that overflowed can be told, too.
  static char stack[64 << 10];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof(stack);
  ::sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGALRM})
    ::sigaction(signal, &action, nullptr);
  limit_seconds = static_cast<unsigned>(limit.count());
  ::alarm(limit_seconds);
}

std::string Encode(const Verdict& verdict) {
  const char letter = verdict.result == Outcome::kPassed ? 'P' : verdict.result == Outcome::kFailed ? 'F' : 'S';
  return StrCat(letter, ' ', verdict.nodes, ' ', verdict.detail);
}

Verdict Decode(const std::string& text) {
  Verdict verdict;
  verdict.result = text[0] == 'P' ? Outcome::kPassed : text[0] == 'F' ? Outcome::kFailed : Outcome::kSkipped;
  char* rest = nullptr;
  verdict.nodes = static_cast<uint32_t>(std::strtoul(text.c_str() + 1, &rest, 10));
  if (*rest == ' ') ++rest;
  verdict.detail = rest;
  return verdict;
}

[[noreturn]] void RunChild(const std::function<Verdict()>& body, int answer, std::chrono::seconds limit,
                           Ending ending) {
  ::setpgid(0, 0);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  answer_fd = answer;
  CatchSignals(limit);
  std::string text;
  try {
    text = Encode(body());
  } catch (const std::exception& error) {
    text = Encode(Verdict::Failed(StrCat("an exception came out of a call: ", Printable(error.what()))));
  }
  for (size_t done = 0; done < text.size();) {
    const ssize_t put = ::write(answer, text.data() + done, text.size() - done);
    if (put < 0 && errno != EINTR) ::_exit(1);
    if (put > 0) done += static_cast<size_t>(put);
  }
  Doing("at the end of the process");
  if (ending == Ending::kOrderly) std::exit(0);
  ::_exit(0);
}

// What the child writes until it closes its end or `deadline` has come.
std::string ReadAnswer(int fd, Clock::time_point deadline) {
  std::string text;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waited{fd, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<int64_t>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return text;
    char block[4096];
    const ssize_t got = ::read(fd, block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(block, static_cast<size_t>(got));
  }
}

}  // namespace

void Doing(const std::string& what) { std::snprintf(doing, sizeof(doing), "%s", what.c_str()); }

Verdict RunInChild(const std::function<Verdict()>& body, std::chrono::seconds limit, Ending ending) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Verdict::Failed(StrCat("cannot run the check: ", std::strerror(errno)));
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return Verdict::Failed(StrCat("cannot run the check: ", std::strerror(errno)));
  if (child == 0) {
    read_end.reset();
    RunChild(body, write_end.get(), limit, ending);
  }
  ::setpgid(child, child);
  write_end.reset();
  // Its own alarm comes first, and can say more.
  const std::string text = ReadAnswer(read_end.get(), Clock::now() + limit + std::chrono::seconds(2));
  int status = 0;
  pid_t ended = 0;
  for (int tries = 0; tries < 2000 && ended == 0; ++tries) {
    ended = ::waitpid(child, &status, WNOHANG);
    if (ended == 0) ::poll(nullptr, 0, 1);
  }
  ::kill(-child, SIGKILL);
  if (ended == 0) {
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (text.empty()) return Verdict::Failed(StrCat("did not end within ", limit.count(), " s"));
  }
  // A crash behind the verdict has written a second one.
  const size_t crash = text.find("F 0 ", 1);
  if (crash != std::string::npos && text[0] != 'F') return Decode(text.substr(crash));
  if (text.empty() && WIFEXITED(status)) {
    return Verdict::Failed(StrCat("ended the process with exit status ", WEXITSTATUS(status)));
  }
  if (text.empty()) return Verdict::Failed(StrCat("crashed (", SignalName(WTERMSIG(status)), ")"));
  Verdict verdict = Decode(text);
  if (verdict.result != Outcome::kFailed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
    return Verdict::Failed("ended the process badly after the check: deinit() or a destructor");
  }
  return verdict;
}

}  // namespace glimpse::opcheck
