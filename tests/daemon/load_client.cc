// SPDX-License-Identifier: Apache-2.0
// Many clients in one thread, which measures how old a prediction is when its bytes arrive.
//
//     load_client SOCKET CLIENTS DEAF SECONDS
//
// Of CLIENTS the first DEAF subscribe and never read. Prints one JSON object: microseconds from the capture of a frame
// to the arrival of its prediction (delay), and that less preprocessing and inference (overhead), each as p50 and p99
// over all messages of all reading clients but those of the first second. One thread reads all, so it is at once a
// lower bound on what many processes would do to the machine and an upper bound on the daemon's own part. What is read
// is looked at in the end: a client that takes its time over one message is late for the next.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

int64_t NowMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int Connect(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) Fail(path);
  constexpr std::string_view kSubscribe = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscribe\"}\n";
  if (::send(fd, kSubscribe.data(), kSubscribe.size(), MSG_NOSIGNAL) < 0) Fail("send");
  return fd;
}

// The number after `"key":` in `line`, or -1.
int64_t NumberAfter(std::string_view line, std::string_view key) {
  const size_t at = line.find(key);
  return at == std::string_view::npos ? -1 : std::strtoll(line.data() + at + key.size(), nullptr, 10);
}

double Percentile(std::vector<int64_t>* values, double part) {
  if (values->empty()) return -1;
  const auto at = static_cast<size_t>(part * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), values->begin() + static_cast<std::ptrdiff_t>(at), values->end());
  return static_cast<double>((*values)[at]);
}

// What one recv() gave.
struct Chunk {
  uint32_t client;
  int64_t arrived;
  size_t start, size;  // in the memory
};

struct Samples {
  std::vector<int64_t> delays, overheads;
  uint64_t dropped = 0;

  void Add(std::string_view line, int64_t now) {
    const int64_t captured = NumberAfter(line, "\"captured_us\":");
    if (captured < 0) return;
    dropped += static_cast<uint64_t>(NumberAfter(line, "\"dropped\":"));
    delays.push_back(now - captured);
    overheads.push_back(now - captured - NumberAfter(line, "\"preprocess\":") - NumberAfter(line, "\"inference\":"));
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const int clients = std::atoi(argv[2]), deaf = std::atoi(argv[3]);
  const int64_t begin = NowMicroseconds(), end = begin + std::atoll(argv[4]) * 1'000'000;
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> sockets;
  for (int i = 0; i < clients; ++i) {
    sockets.push_back(Connect(argv[1]));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<uint32_t>(i);
    if (i >= deaf && ::epoll_ctl(poll, EPOLL_CTL_ADD, sockets.back(), &event) != 0) Fail("epoll_ctl");
  }
  // Memory that is there: 30 messages a second of at most 1 KiB for each client, and what a client reads at once.
  constexpr size_t kAtOnce = 65536;
  std::vector<char> memory(
      static_cast<size_t>(clients - deaf) * 30 * 1024 * static_cast<size_t>(end - begin) / 1'000'000 + kAtOnce);
  std::vector<Chunk> chunks;
  chunks.reserve(memory.size() / 128);
  size_t used = 0;
  std::array<epoll_event, 256> events;
  for (int64_t now = begin; now < end; now = NowMicroseconds()) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < ready; ++i) {
      const uint32_t client = events[static_cast<size_t>(i)].data.u32;
      if (memory.size() - used < kAtOnce) memory.resize(2 * memory.size());
      const ssize_t got = ::recv(sockets[client], memory.data() + used, kAtOnce, 0);
      const int64_t arrived = NowMicroseconds();
      if (got <= 0) Fail("recv");
      chunks.push_back({client, arrived, used, static_cast<size_t>(got)});
      used += static_cast<size_t>(got);
    }
  }
  Samples samples;
  std::vector<std::string> buffers(static_cast<size_t>(clients));
  for (const Chunk& chunk : chunks) {
    std::string& buffer = buffers[chunk.client];
    buffer.append(memory.data() + chunk.start, chunk.size);
    size_t start = 0;
    for (size_t newline = 0; (newline = buffer.find('\n', start)) != std::string::npos; start = newline + 1) {
      if (chunk.arrived - begin > 1'000'000) {
        samples.Add(std::string_view(buffer).substr(start, newline - start), chunk.arrived);
      }
    }
    buffer.erase(0, start);
  }
  std::printf("{\"clients\":%d,\"deaf\":%d,\"messages\":%zu,\"dropped\":%llu,", clients, deaf, samples.delays.size(),
              static_cast<unsigned long long>(samples.dropped));
  std::printf("\"delay_us\":{\"p50\":%.0f,\"p99\":%.0f},\"overhead_us\":{\"p50\":%.0f,\"p99\":%.0f}}\n",
              Percentile(&samples.delays, 0.5), Percentile(&samples.delays, 0.99), Percentile(&samples.overheads, 0.5),
              Percentile(&samples.overheads, 0.99));
  return 0;
}
