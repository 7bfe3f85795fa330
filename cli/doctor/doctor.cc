// SPDX-License-Identifier: Apache-2.0
// glimpse doctor: looks for what keeps the daemon from working, and says what to do.
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/doctor/accounts.h"
#include "cli/doctor/checks.h"

namespace glimpse::cli {
namespace {

struct DoctorOptions {
  std::string root;
  std::string user;
  std::string config = "/etc/glimpsed/glimpsed.yaml";
  bool json = false;
};

constexpr const char* kLevelNames[] = {"ok", "warning", "problem"};

std::string DefaultUser(const media::SystemRoot& root) {
  constexpr char kDaemonUser[] = "glimpsed";
  if (FindAccount(root, kDaemonUser)) return kDaemonUser;
  const passwd* self = ::getpwuid(::geteuid());
  return self != nullptr ? self->pw_name : kDaemonUser;
}

Findings Examine(const DoctorOptions& options) {
  Patient patient;
  patient.root.path = options.root;
  patient.user = options.user.empty() ? DefaultUser(patient.root) : options.user;
  patient.config_path = options.config;
  Findings all = CheckConfig(patient);
  const auto add = [&all](Findings findings) { std::move(findings.begin(), findings.end(), std::back_inserter(all)); };
  add(CheckPlugins(patient));
  add(CheckGroups(patient));
  add(CheckDevices(patient));
  add(CheckBusy(patient));
  add(CheckDmaHeap(patient));
  if (options.root.empty()) add(CheckLibcamera(patient));  // it asks this machine's devices, not a folder's
  add(CheckClock(patient));
  add(CheckDisk(patient));
  return all;
}

void PrintJson(const Findings& findings, size_t problems) {
  nlohmann::ordered_json report{{"problems", problems}, {"findings", nlohmann::ordered_json::array()}};
  for (const Finding& finding : findings) {
    report["findings"].push_back({{"check", finding.check},
                                  {"level", kLevelNames[static_cast<size_t>(finding.level)]},
                                  {"message", finding.what},
                                  {"remedy", finding.remedy}});
  }
  std::cout << report.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

Outcome Doctor(const DoctorOptions& options) {
  const Findings findings = Examine(options);
  size_t problems = 0;
  for (const Finding& finding : findings) problems += finding.level == Level::kProblem ? 1 : 0;
  if (options.json) {
    PrintJson(findings, problems);
  } else {
    for (const Finding& finding : findings) {
      std::cout << kLevelNames[static_cast<size_t>(finding.level)] << ": " << finding.check << ": " << finding.what
                << "\n";
      if (!finding.remedy.empty()) std::cout << "    " << finding.remedy << "\n";
    }
  }
  if (problems == 0) return ExitStatus::kOk;
  return {ExitStatus::kRuntimeFailure,
          StrCat("doctor: ", problems, problems == 1 ? " problem" : " problems", " found")};
}

}  // namespace

void RegisterDoctor(CLI::App& app, Context& context) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand("doctor", "Looks for what keeps the daemon from working, and says what to do");
  command->add_option("--config", options->config, "The configuration (default: /etc/glimpsed/glimpsed.yaml)")
      ->type_name("FILE");
  command->add_option("--user", options->user, "Who runs the daemon (default: glimpsed where there is such a user)")
      ->type_name("NAME");
  command->add_option("--root", options->root, "Examine the system in this folder, such as a mounted card")
      ->type_name("DIR");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &context] { context.action = [options] { return Doctor(*options); }; });
}

}  // namespace glimpse::cli
