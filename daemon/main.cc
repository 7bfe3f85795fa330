// SPDX-License-Identifier: Apache-2.0
// The program `glimpsed`.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "base/exit_status.h"
#include "base/log.h"
#include "base/strings.h"
#include "config/reader.h"
#include "daemon/app.h"
#include "daemon/heap.h"
#include "daemon/reload/trial.h"

namespace glimpse::daemon {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 done, 1 failed at run time, 2 usage, 3 a model file is invalid, 4 a model needs an operator, type "
    "or\n"
    "version that no loaded plugin has, 5 configuration error, 7 a plugin was refused.";

struct Options {
  std::string config = config::kDefaultConfigPath;
  bool check = false;
  bool trial = false;
};

Result<void> Serve(const Options& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto config, config::LoadConfig(options.config));
  GLIMPSE_ASSIGN_OR_RETURN(auto app, App::Create(std::move(config)));
  if (options.check) {
    std::cout << options.config << ": accepted" << std::endl;
    return {};
  }
  GLIMPSE_RETURN_IF_ERROR(app->Open());
  app->Run();
  return {};
}

int Main(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"Classifies camera frames and serves the predictions on a local socket.", "glimpsed"};
  app.set_version_flag("--version", StrCat("glimpsed ", GLIMPSE_VERSION));
  app.add_option("--config", options.config, "The configuration; default " + options.config)->type_name("FILE");
  app.add_flag("--check", options.check,
               "Say whether the configuration would be accepted, models and plugins included");
  // Not for people: how the daemon starts the process in which it tries new plugins and graphs.
  app.add_flag("--trial", options.trial)->group("");
  app.footer(kFooter);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done, std::cout, std::cerr);  // --help, --version
  } catch (const CLI::ParseError& error) {
    Log(LogLevel::kError, StrCat(error.what(), "; see 'glimpsed --help'"));
    return static_cast<int>(ExitStatus::kUsage);
  }
  KeepHeapSmall();
  if (options.trial) return RunTrialHelper();
  const auto result = Serve(options);
  if (result) return static_cast<int>(ExitStatus::kOk);
  Log(LogLevel::kError, result.error().message);
  return static_cast<int>(ExitStatusFor(result.error().code));
}

}  // namespace
}  // namespace glimpse::daemon

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a client or a log that goes away is no reason to end
  try {
    return glimpse::daemon::Main(argc, argv);
  } catch (const std::exception& error) {
    glimpse::Log(glimpse::LogLevel::kError, glimpse::StrCat("internal error: ", error.what()));
    return static_cast<int>(glimpse::ExitStatus::kRuntimeFailure);
  }
}
