// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <unistd.h>

#include <iostream>
#include <utility>

namespace glimpse::cli {

using std::chrono::steady_clock;

Progress::Progress(std::string what, uint64_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(::isatty(STDERR_FILENO) == 1),
      next_(steady_clock::now() + std::chrono::milliseconds(500)) {}

Progress::~Progress() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::Update(uint64_t done) {
  if (!terminal_) return;
  const auto now = steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  drawn_ = true;
  std::cerr << '\r' << what_ << ' ' << done << " of " << total_ << std::flush;
}

}  // namespace glimpse::cli
