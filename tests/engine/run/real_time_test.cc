// SPDX-License-Identifier: Apache-2.0
// What an inference with one thread must not do while it runs: allocate, make a system call, take a lock. With the
// real plugins and the shipped model, under each profile and kernel set.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <iterator>
#include <mutex>

#include "engine/run/interpreter.h"
#include "tests/engine/run/allocation_counter.h"

namespace {
std::atomic<bool> g_watching{false};
std::atomic<int> g_locks{0};

// Mutexes that are locked while `body` runs.
template <typename Body>
int LocksDuring(Body body) {
  g_locks = 0;
  g_watching = true;
  body();
  g_watching = false;
  return g_locks;
}
}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;

// In place of the C library's: what a lock of the engine or of a plugin calls. While it watches nothing else runs, so
// that no lock is needed then.
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  if (g_watching) {
    ++g_locks;
    return 0;
  }
  while (pthread_mutex_trylock(mutex) != 0) {
  }
  return 0;
}
#endif

namespace glimpse {
namespace {

std::unique_ptr<Interpreter> Open(const std::string& numerics, const std::string& kernels) {
  auto model = Model::Load(GLIMPSE_TEST_MODEL, {});
  auto plugins = PluginHost::Load({GLIMPSE_TEST_PLUGIN_DIR}, CpuInfo::Detect());
  if (!model || !plugins) return nullptr;
  InterpreterOptions options;
  options.numerics = numerics;
  options.kernels.use = kernels;
  auto created = Interpreter::Create(*model, *plugins, options);
  return created ? std::move(*created) : nullptr;
}

constexpr int kInvokes = 100;

// From now on every system call of this process but exit ends it with SIGSYS. (The strict mode would forbid to read the
// processor's clock, too.)
bool ForbidSystemCalls() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const sock_fprog filter{std::size(program), program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// Runs `body` in a process of its own that may make no system call. Its wait status.
template <typename Body>
int WithoutSystemCalls(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!ForbidSystemCalls()) ::_exit(2);
    ::syscall(SYS_exit, body() ? 0 : 3);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

class RealTime : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer allocates, locks and calls the system by itself; other builds look";
  }
};

TEST_P(RealTime, AnInvokeMakesNoSystemCall) {
  for (const std::string& numerics : KnownNumerics()) {
    const auto run = Open(numerics, GetParam());
    ASSERT_NE(run, nullptr) << numerics;
    ASSERT_TRUE(run->Invoke());
    const int status = WithoutSystemCalls([&run] {
      bool good = true;
      for (int i = 0; i < kInvokes; ++i) good = run->Invoke() && good;
      return good;
    });
    ASSERT_TRUE(WIFEXITED(status)) << numerics << ": ended by signal " << WTERMSIG(status) << ", a system call";
    EXPECT_EQ(WEXITSTATUS(status), 0) << numerics;
  }
}

TEST_P(RealTime, AnInvokeAllocatesNothingAndTakesNoLock) {
  for (const std::string& numerics : KnownNumerics()) {
    const auto run = Open(numerics, GetParam());
    ASSERT_NE(run, nullptr) << numerics;
    ASSERT_TRUE(run->Invoke());
    const auto before = testkit::Allocations();
    int failures = 0;
    const int locks = LocksDuring([&] {
      for (int i = 0; i < kInvokes; ++i) failures += run->Invoke() ? 0 : 1;
    });
    EXPECT_EQ(locks, 0) << numerics;
    EXPECT_EQ(testkit::Allocations(), before) << numerics;
    EXPECT_EQ(failures, 0) << numerics;
  }
}

TEST_P(RealTime, TheWatchSeesWhatItForbids) {
  const int status = WithoutSystemCalls([] { return ::syscall(SYS_getppid) > 0; });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
  std::mutex mutex;
  EXPECT_EQ(LocksDuring([&mutex] { mutex.lock(); }), 1);
}

INSTANTIATE_TEST_SUITE_P(Kernels, RealTime, testing::Values("auto", "reference"));

}  // namespace
}  // namespace glimpse
