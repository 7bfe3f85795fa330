// SPDX-License-Identifier: Apache-2.0
// "1200 of 10000" on a terminal while something takes long.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace glimpse::cli {

// Draws on stderr, at most ten times a second, only when stderr is a terminal, and wipes its line at the end.
class Progress {
 public:
  Progress(std::string what, uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void Update(uint64_t done);

 private:
  std::string what_;
  uint64_t total_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace glimpse::cli
