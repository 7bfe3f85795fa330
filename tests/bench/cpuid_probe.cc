// SPDX-License-Identifier: Apache-2.0
// What a program under cpuid_mask.so sees and does: one behaviour for each argument, told by its output or its end.
#include <cpuid.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

namespace {

// "avx2 avxvnni avx512f amx", as far as CPUID says so.
std::string Features() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  std::string text;
  __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx);
  if ((ebx >> 5 & 1) != 0) text += " avx2";
  if ((ebx >> 16 & 1) != 0) text += " avx512f";
  if ((edx >> 24 & 1) != 0) text += " amx";
  __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx);
  if ((eax >> 4 & 1) != 0) text += " avxvnni";
  return text;
}

int Tell() { return std::printf("features:%s\n", Features().c_str()) < 0; }

int InThread() {
  int result = 1;
  std::thread([&] { result = Tell(); }).join();
  return result;
}

int InChild() {
  const pid_t child = ::fork();
  if (child == 0) {
    Tell();
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  return child < 0 || ::waitpid(child, &status, 0) != child || status != 0;
}

int AfterExec(const char* program) {
  ::execl(program, program, "tell", nullptr);
  return 1;
}

int WithSignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  return Tell();
}

// A page that nobody may read, at an address that is told apart from others.
const volatile char* const kNowhere = reinterpret_cast<const char*>(0x4000);

void OnFault(int, siginfo_t* info, void*) {
  const bool right = info->si_addr == const_cast<const char*>(kNowhere);
  const char* text = right ? "handled\n" : "wrong address\n";
  ::_exit(::write(STDOUT_FILENO, text, std::strlen(text)) < 0 || !right);
}

int Fault(bool handled) {
  if (handled) {
    struct sigaction action = {};
    action.sa_sigaction = OnFault;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGSEGV, &action, nullptr);
    struct sigaction kept = {};
    ::sigaction(SIGSEGV, nullptr, &kept);
    if (kept.sa_sigaction != OnFault) return 2;
  }
  return *kNowhere;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "tell";
  if (what == "tell") return Tell();
  if (what == "thread") return InThread();
  if (what == "child") return InChild();
  if (what == "exec") return AfterExec(argv[0]);
  if (what == "blocked") return WithSignalsBlocked();
  if (what == "fault") return Fault(false);
  if (what == "handled-fault") return Fault(true);
  return 2;
}
