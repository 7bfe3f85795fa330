// SPDX-License-Identifier: Apache-2.0
// The command line as a whole: subcommands, help, version, errors as one line, exit status.
#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>

#include "base/strings.h"

#ifndef GLIMPSE_VERSION
#error "GLIMPSE_VERSION comes from CMake"
#endif

namespace glimpse::cli {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 done, 1 failed at run time, 2 usage, 3 the model file is invalid, 4 the model needs an operator, "
    "type or\n"
    "version that no loaded plugin has, 5 configuration error, 6 compared and different, 7 a plugin was refused.";

// Errors are one line whatever is in them: control bytes and line breaks of file names would make it several.
std::string OneLine(const std::string& message) {
  std::string line;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

int Fail(ExitStatus status, const std::string& message) {
  std::cout.flush();
  std::cerr << "glimpse: " << OneLine(message) << std::endl;
  return static_cast<int>(status);
}

// `glimpse help CMD` prints what `glimpse CMD --help` prints.
void RegisterHelp(CLI::App& app, Context& context) {
  auto command = std::make_shared<std::string>();
  CLI::App* help = app.add_subcommand("help", "Explains a command");
  help->add_option("COMMAND", *command, "The command; without it, all are listed");
  help->callback([&app, &context, command] {
    context.action = [&app, command]() -> Outcome {
      if (command->empty()) {
        std::cout << app.help();
        return ExitStatus::kOk;
      }
      std::vector<std::string> names;
      for (const CLI::App* sub : app.get_subcommands({})) {
        if (sub->get_name() == *command) {
          std::cout << sub->help("glimpse");
          return ExitStatus::kOk;
        }
        names.push_back(sub->get_name());
      }
      const std::string nearest = NearestWord(*command, names);
      return UsageError(
          StrCat("help: there is no command '", Printable(*command), "'",
                 nearest.empty() ? "; 'glimpse --help' lists them" : StrCat("; did you mean '", nearest, "'?")));
    };
  });
}

void RegisterAll(CLI::App& app, Context& context) {
  RegisterInspect(app, context);
  RegisterExport(app, context);
  RegisterRun(app, context);
  RegisterDiff(app, context);
  RegisterGolden(app, context);
  RegisterBench(app, context);
  RegisterPlugins(app, context);
  RegisterCameras(app, context);
  RegisterDoctor(app, context);
  RegisterPreprocess(app, context);
  RegisterClassify(app, context);
  RegisterWatch(app, context);
  RegisterStatus(app, context);
  RegisterLatest(app, context);
  RegisterReload(app, context);
  RegisterKernels(app, context);
  RegisterWhy(app, context);
  RegisterSnapshot(app, context);
  RegisterPause(app, context);
  RegisterLogLevel(app, context);
  RegisterHelp(app, context);
}

// What CLI11 found wrong, with the command it is about and where to read on.
std::string DescribeParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  const std::string first = argc > 1 ? argv[1] : "";
  for (const std::string& name : names) {
    if (first == name) return StrCat(name, ": ", error.what(), "; see 'glimpse help ", name, "'");
  }
  if (first.empty()) return "a command is missing; 'glimpse --help' lists them";
  if (first[0] != '-') {
    const std::string nearest = NearestWord(first, names);
    return StrCat("there is no command '", Printable(first), "'",
                  nearest.empty() ? "; 'glimpse --help' lists them" : StrCat("; did you mean '", nearest, "'?"));
  }
  return StrCat(error.what(), "; see 'glimpse --help'");
}

int ParseAndRun(int argc, const char* const* argv) {
  Context context;
  CLI::App app{"Looks into, runs, explains and compares int8 .tflite models, and talks to glimpsed.", "glimpse"};
  app.set_version_flag("--version", StrCat("glimpse ", GLIMPSE_VERSION));
  app.require_subcommand(1);
  app.footer(kFooter);
  app.option_defaults()->always_capture_default(false);
  RegisterAll(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done, std::cout, std::cerr);  // --help, --version
  } catch (const CLI::ParseError& error) {
    return Fail(ExitStatus::kUsage, DescribeParseError(app, error, argc, argv));
  }
  const Outcome outcome = context.action();
  std::cout.flush();
  if (!outcome.error.empty()) return Fail(outcome.status, outcome.error);
  if (!std::cout || std::fflush(stdout) != 0)
    return Fail(ExitStatus::kRuntimeFailure, "stdout: cannot write; is the disk full?");
  return static_cast<int>(outcome.status);
}

}  // namespace

void Warn(const std::string& message) { std::cerr << "glimpse: warning: " << OneLine(message) << std::endl; }

int Main(int argc, const char* const* argv) {
  try {
    return ParseAndRun(argc, argv);
  } catch (const std::bad_alloc&) {
    return Fail(ExitStatus::kRuntimeFailure, "out of memory");
  } catch (const std::exception& error) {
    return Fail(ExitStatus::kRuntimeFailure, StrCat("internal error: ", error.what()));
  }
}

}  // namespace glimpse::cli
