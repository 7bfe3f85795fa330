// SPDX-License-Identifier: Apache-2.0
// What this machine takes to pass nothing along the way of a prediction: the peer that the daemon's own part is judged
// by.
//
//     wakeup_floor SECONDS
//
// Thirty times a second, as frames come, a thread wakes a second one (condition variable), and that one a process (UNIX
// socket), as capture, inference and client do. Prints one JSON object: microseconds from the first wake-up to the
// process, p50 and p99.
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

int64_t Nanoseconds() { return Clock::now().time_since_epoch().count(); }

// One frame's time on its way.
struct Chain {
  std::mutex mutex;
  std::condition_variable changed;
  int64_t waiting = 0;  // 0: none

  void Inference(int socket) {
    while (true) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return waiting != 0; });
      const int64_t time = std::exchange(waiting, 0);
      lock.unlock();
      if (::send(socket, &time, sizeof(time), MSG_NOSIGNAL) < 0) return;
    }
  }
  void Capture() {
    for (auto next = Clock::now();; next += std::chrono::microseconds(33333)) {
      std::this_thread::sleep_until(next);
      {
        const std::lock_guard lock(mutex);
        waiting = Nanoseconds();
      }
      changed.notify_one();
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) return 1;
  const pid_t child = ::fork();
  if (child < 0) return 1;
  if (child == 0) {
    ::close(sockets[1]);
    auto* chain = new Chain;  // for threads that never end
    std::thread([=] { chain->Inference(sockets[0]); }).detach();
    chain->Capture();
  }
  ::close(sockets[0]);
  std::vector<int64_t> times;
  const int64_t end = Nanoseconds() + std::atoll(argv[1]) * 1'000'000'000;
  for (int64_t time = 0; Nanoseconds() < end && ::recv(sockets[1], &time, sizeof(time), MSG_WAITALL) == sizeof(time);)
    times.push_back(Nanoseconds() - time);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  if (times.empty()) return 1;
  std::sort(times.begin(), times.end());
  std::printf("{\"frames\":%zu,\"p50\":%.0f,\"p99\":%.0f}\n", times.size(),
              static_cast<double>(times[times.size() / 2]) / 1e3,
              static_cast<double>(times[(times.size() - 1) * 99 / 100]) / 1e3);
  return 0;
}
