// SPDX-License-Identifier: Apache-2.0
// What the commands of `glimpse` share: how one is registered, how it ends, where it prints.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/exit_status.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace glimpse::cli {

// How a command ended: a status, and when something went wrong the one line for stderr (without "glimpse: ").
// Converts from ExitStatus, from Unexpected (so the GLIMPSE_*_RETURN macros work) and from Error.
struct Outcome {
  ExitStatus status = ExitStatus::kOk;
  std::string error;

  Outcome(ExitStatus s) : status(s) {}                                              // NOLINT: implicit on purpose
  Outcome(Error e) : status(ExitStatusFor(e.code)), error(std::move(e.message)) {}  // NOLINT: implicit on purpose
  Outcome(Unexpected u) : Outcome(std::move(u.error())) {}                          // NOLINT: implicit on purpose
  Outcome(ExitStatus s, std::string message) : status(s), error(std::move(message)) {}
};

// "glimpse: MESSAGE", exit status 2: the command line asks for what cannot be.
inline Outcome UsageError(std::string message) { return {ExitStatus::kUsage, std::move(message)}; }

// Shared by the Register functions. The chosen subcommand's callback sets `action`; main() runs it after parsing, so
// that no command works inside CLI11.
struct Context {
  std::function<Outcome()> action;
};

// Each adds one subcommand. The pattern:
//
//   void RegisterStatus(CLI::App& app, Context& context) {
//     auto options = std::make_shared<StatusOptions>();
//     CLI::App* command = app.add_subcommand("status", "Asks the daemon how it is");
//     command->add_option("--socket", options->socket, "...");
//     command->callback([options, &context] { context.action = [options] { return RunStatus(*options); }; });
//   }
//
// Print results with std::cout or std::fwrite (main() flushes and reports a full disk); warnings with Warn().
void RegisterInspect(CLI::App& app, Context& context);
void RegisterExport(CLI::App& app, Context& context);
void RegisterRun(CLI::App& app, Context& context);
void RegisterDiff(CLI::App& app, Context& context);
void RegisterGolden(CLI::App& app, Context& context);
void RegisterBench(CLI::App& app, Context& context);
void RegisterPlugins(CLI::App& app, Context& context);
void RegisterCameras(CLI::App& app, Context& context);
void RegisterPreprocess(CLI::App& app, Context& context);
void RegisterClassify(CLI::App& app, Context& context);
// cli/doctor/doctor.cc
void RegisterDoctor(CLI::App& app, Context& context);
// cli/client/*.cc
void RegisterWatch(CLI::App& app, Context& context);
void RegisterStatus(CLI::App& app, Context& context);
void RegisterLatest(CLI::App& app, Context& context);
void RegisterReload(CLI::App& app, Context& context);
void RegisterKernels(CLI::App& app, Context& context);
void RegisterWhy(CLI::App& app, Context& context);
void RegisterSnapshot(CLI::App& app, Context& context);
void RegisterPause(CLI::App& app, Context& context);
void RegisterLogLevel(CLI::App& app, Context& context);

// One line on stderr, "glimpse: warning: MESSAGE".
void Warn(const std::string& message);

// Parses the command line and runs what it asks for: all of main() but the exit. Returns the exit status.
int Main(int argc, const char* const* argv);

}  // namespace glimpse::cli
