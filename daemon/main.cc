// SPDX-License-Identifier: Apache-2.0
// The program `glimpsed`.
#include <getopt.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "base/exit_status.h"
#include "base/file.h"
#include "base/log.h"
#include "base/strings.h"
#include "config/reader.h"
#include "daemon/app.h"
#include "daemon/reload/trial.h"

namespace glimpse::daemon {
namespace {

constexpr const char* kHelp = R"(Classifies camera frames and serves the predictions on a local socket.
Usage: glimpsed [OPTIONS]

Options:
  -h,--help      Print this help message and exit
  --version      Display program version information and exit
  --config FILE  The configuration; default %s
  --check        Say whether the configuration would be accepted, models and plugins included

Exit status: 0 done, 1 failed at run time, 2 usage, 3 a model file is invalid, 4 a model needs an operator, type or
version that no loaded plugin has, 5 configuration error, 7 a plugin was refused.
)";

struct Options {
  std::string config = config::kDefaultConfigPath;
  bool check = false;
  bool trial = false;
  bool help = false;
  bool version = false;
};

// By getopt_long(3): a parser that names subcommands and types would be a tenth of the daemon's code. Errors:
// kInvalidArgument.
Result<Options> ParseOptions(int argc, char* const* argv) {
  // --trial is not for people: how the daemon starts the process in which it tries new plugins and graphs.
  static constexpr option kOptions[] = {
      {"help", no_argument, nullptr, 'h'},         {"version", no_argument, nullptr, 'v'},
      {"config", required_argument, nullptr, 'c'}, {"check", no_argument, nullptr, 'k'},
      {"trial", no_argument, nullptr, 't'},        {nullptr, 0, nullptr, 0}};
  Options options;
  const auto fail = [](const auto&... parts) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat(parts..., "; see 'glimpsed --help'"));
  };
  opterr = 0;  // what is wrong is said by us
  // A colon first: ':' for a value that is missing.
  for (int found = 0; (found = ::getopt_long(argc, argv, ":h", kOptions, nullptr)) != -1;) {
    switch (found) {
      case 'h':
        options.help = true;
        break;
      case 'v':
        options.version = true;
        break;
      case 'c':
        options.config = optarg;
        break;
      case 'k':
        options.check = true;
        break;
      case 't':
        options.trial = true;
        break;
      case ':':
        return fail(Printable(argv[optind - 1], 60), " needs a value");
      default:
        return fail("there is no option ", Printable(argv[optind - 1], 60));
    }
  }
  if (optind < argc) return fail("'", Printable(argv[optind], 60), "' was not expected: glimpsed takes options only");
  return options;
}

Result<void> Serve(const Options& options) {
  GLIMPSE_ASSIGN_OR_RETURN(auto config, config::LoadConfig(options.config));
  GLIMPSE_ASSIGN_OR_RETURN(auto app, App::Create(std::move(config)));
  if (options.check) {
    std::printf("%s: accepted\n", options.config.c_str());
    if (std::fflush(stdout) != 0) return Unexpected(ErrnoError("cannot write to", "standard output"));
    return {};
  }
  GLIMPSE_RETURN_IF_ERROR(app->Open());
  app->Run();
  return {};
}

int Main(int argc, char* const* argv) {
  const auto parsed = ParseOptions(argc, argv);
  if (!parsed) {
    Log(LogLevel::kError, parsed.error().message);
    return static_cast<int>(ExitStatus::kUsage);
  }
  const Options& options = *parsed;
  if (options.help || options.version) {
    if (options.help) {
      std::printf(kHelp, config::kDefaultConfigPath);
    } else {
      std::puts("glimpsed " GLIMPSE_VERSION);
    }
    return static_cast<int>(std::fflush(stdout) == 0 ? ExitStatus::kOk : ExitStatus::kRuntimeFailure);
  }
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
