// SPDX-License-Identifier: Apache-2.0
// Runs a check in a process of its own: what a plugin does there, crash, hang and exit included, is told and harms
// nobody.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace glimpse::opcheck {

enum class Outcome { kPassed, kFailed, kSkipped };

struct Verdict {
  Outcome result = Outcome::kFailed;
  std::string detail;  // why not, in one line
  uint32_t nodes = 0;  // that were looked at

  static Verdict Passed(uint32_t nodes) { return {Outcome::kPassed, "", nodes}; }
  static Verdict Failed(std::string why) { return {Outcome::kFailed, std::move(why), 0}; }
  static Verdict Skipped(std::string why) { return {Outcome::kSkipped, std::move(why), 0}; }
};

// What the check works on, for the report if this is its last word.
void Doing(const std::string& what);

enum class Ending {
  kAtOnce,   // nothing of the plugin runs after the check
  kOrderly,  // exit handlers and destructors run, and are judged
};

// Runs `body` in a child of this process, which must have one thread. What the child writes to its standard output goes
// to standard error. A child that does not end within `limit` is killed, with all that it started.
Verdict RunInChild(const std::function<Verdict()>& body, std::chrono::seconds limit, Ending ending = Ending::kAtOnce);

}  // namespace glimpse::opcheck
