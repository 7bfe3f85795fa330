// SPDX-License-Identifier: Apache-2.0
// V4l2Device: the few system calls by which a V4L2 camera is driven, so that tests can put a device of their own there.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace glimpse::media {

// An open device file. For one thread, but for the stop token of Wait().
class V4l2Device {
 public:
  enum class Ready { kFrame, kTimeout, kStopped, kError };

  virtual ~V4l2Device() = default;

  // ioctl(2), repeated when a signal interrupts it. 0, or the errno.
  virtual int Control(unsigned long request, void* argument) = 0;

  // mmap(2) for reading. Null: `error` is the errno.
  virtual const uint8_t* Map(size_t length, int64_t offset, int* error) = 0;
  virtual void Unmap(const uint8_t* memory, size_t length) = 0;

  // Until a buffer can be taken, the device has an error to tell (which the next Control() names), `deadline`, or a
  // stop.
  virtual Ready Wait(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) = 0;
};

// Where devices are found. Thread-safe.
class V4l2Devices {
 public:
  virtual ~V4l2Devices() = default;
  // Paths of what may be cameras, by number.
  virtual std::vector<std::string> List() = 0;
  // Null: `error` is the errno of open(2).
  virtual std::unique_ptr<V4l2Device> Open(const std::string& path, int* error) = 0;
};

// Those of the machine: /dev/video*.
V4l2Devices& KernelV4l2Devices();

}  // namespace glimpse::media
