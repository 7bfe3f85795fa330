// SPDX-License-Identifier: Apache-2.0
// The outcome of all checks, as lines (TAP) or as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "opcheck/child.h"

namespace glimpse::opcheck {

struct Line {
  std::string kernel;  // impl, or "" for a check of the whole plugin
  std::string check;
  Verdict verdict;
};

class Report {
 public:
  // With `json` nothing is printed before the end.
  Report(std::string path, bool json) : path_(std::move(path)), json_(json) {}

  // Prints the plan: how many checks will come.
  void Start(size_t checks);
  void Add(Line line);
  // Prints what is left to print. `plugin`, `version` are "" for one that could not be loaded.
  void Finish(const std::string& plugin, const std::string& version);

  size_t failed() const { return Count(Outcome::kFailed); }
  // Whether all that failed is the comparison with the reference.
  bool only_inexact() const;

 private:
  size_t Count(Outcome result) const;

  std::string path_;
  bool json_;
  std::vector<Line> lines_;
};

}  // namespace glimpse::opcheck
