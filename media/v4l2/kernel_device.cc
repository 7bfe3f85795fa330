// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "media/stoppable_poll.h"
#include "media/v4l2/device.h"

namespace glimpse::media {
namespace {

class KernelDevice : public V4l2Device {
 public:
  explicit KernelDevice(UniqueFd fd) : fd_(std::move(fd)) {}

  int Control(unsigned long request, void* argument) override {
    int result = 0;
    do {
      result = ::ioctl(fd_.get(), request, argument);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
  }

  const uint8_t* Map(size_t length, int64_t offset, int* error) override {
    void* memory = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, fd_.get(), static_cast<off_t>(offset));
    *error = memory == MAP_FAILED ? errno : 0;
    return memory == MAP_FAILED ? nullptr : static_cast<const uint8_t*>(memory);
  }

  void Unmap(const uint8_t* memory, size_t length) override { ::munmap(const_cast<uint8_t*>(memory), length); }

  Ready Wait(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) override {
    switch (poll_.Wait(fd_.get(), deadline, stop)) {
      case StoppablePoll::Woken::kReady:
        return Ready::kFrame;
      case StoppablePoll::Woken::kTimeout:
        return Ready::kTimeout;
      case StoppablePoll::Woken::kStopped:
        return Ready::kStopped;
      case StoppablePoll::Woken::kHangUp:
        break;
    }
    return Ready::kError;
  }

 private:
  UniqueFd fd_;
  StoppablePoll poll_;
};

class KernelDevices : public V4l2Devices {
 public:
  std::vector<std::string> List() override {
    std::vector<std::pair<unsigned, std::string>> found;
    std::error_code error;
    std::filesystem::directory_iterator entry("/dev", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      constexpr std::string_view kPrefix = "video";
      if (!name.starts_with(kPrefix)) continue;
      unsigned number = 0;
      const auto [end, problem] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
      if (problem == std::errc() && end == name.data() + name.size()) found.emplace_back(number, StrCat("/dev/", name));
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> paths;
    for (auto& [number, path] : found) paths.push_back(std::move(path));
    return paths;
  }

  std::unique_ptr<V4l2Device> Open(const std::string& path, int* error) override {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    *error = fd.valid() ? 0 : errno;
    return fd.valid() ? std::make_unique<KernelDevice>(std::move(fd)) : nullptr;
  }
};

}  // namespace

V4l2Devices& KernelV4l2Devices() {
  static KernelDevices devices;
  return devices;
}

}  // namespace glimpse::media
