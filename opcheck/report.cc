// SPDX-License-Identifier: Apache-2.0
#include "opcheck/report.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace glimpse::opcheck {
namespace {

constexpr size_t kMostDetail = 1000;

const char* Word(Outcome result) {
  return result == Outcome::kPassed ? "passed" : result == Outcome::kFailed ? "failed" : "skipped";
}

}  // namespace

void Report::Start(size_t checks) {
  if (!json_) std::cout << "TAP version 13\n1.." << checks << std::endl;
}

void Report::Add(Line line) {
  lines_.push_back(std::move(line));
  if (json_) return;
  const Line& added = lines_.back();
  const Verdict& verdict = added.verdict;
  std::cout << (verdict.result == Outcome::kFailed ? "not ok " : "ok ") << lines_.size() << " - "
            << (added.kernel.empty() ? "" : Printable(added.kernel) + " ") << added.check;
  if (verdict.result == Outcome::kSkipped) std::cout << " # SKIP";
  if (!verdict.detail.empty()) {
    std::cout << (verdict.result == Outcome::kSkipped ? " " : ": ") << Printable(verdict.detail, kMostDetail);
  }
  if (verdict.nodes > 0) std::cout << " (" << verdict.nodes << (verdict.nodes == 1 ? " node)" : " nodes)");
  // At once: a check may take its time.
  std::cout << std::endl;
}

void Report::Finish(const std::string& plugin, const std::string& version) {
  if (!json_) {
    std::cout << "# " << Count(Outcome::kPassed) << " passed, " << failed() << " failed, " << Count(Outcome::kSkipped)
              << " skipped" << std::endl;
    return;
  }
  using Json = nlohmann::ordered_json;
  Json checks = Json::array();
  for (const Line& line : lines_) {
    checks.push_back({{"kernel", line.kernel.empty() ? Json(nullptr) : Json(line.kernel)},
                      {"check", line.check},
                      {"result", Word(line.verdict.result)},
                      {"detail", line.verdict.detail},
                      {"nodes", line.verdict.nodes}});
  }
  const Json report{{"path", path_},
                    {"plugin", plugin.empty() ? Json(nullptr) : Json(plugin)},
                    {"version", version.empty() ? Json(nullptr) : Json(version)},
                    {"passed", Count(Outcome::kPassed)},
                    {"failed", failed()},
                    {"skipped", Count(Outcome::kSkipped)},
                    {"checks", std::move(checks)}};
  std::cout << report.dump(-1, ' ', true, Json::error_handler_t::replace) << std::endl;
}

size_t Report::Count(Outcome result) const {
  return static_cast<size_t>(
      std::count_if(lines_.begin(), lines_.end(), [&](const Line& line) { return line.verdict.result == result; }));
}

bool Report::only_inexact() const {
  return std::all_of(lines_.begin(), lines_.end(),
                     [](const Line& line) { return line.verdict.result != Outcome::kFailed || line.check == "exact"; });
}

}  // namespace glimpse::opcheck
