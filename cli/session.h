// SPDX-License-Identifier: Apache-2.0
// Model, plugins and interpreter as the options of a command ask for them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"

namespace glimpse::cli {

// Options of every command that runs a model.
struct EngineOptions {
  std::string numerics = kDefaultNumerics;
  std::string kernels = "auto";
  std::vector<std::string> plugin_path;
  Limits limits;
  uint32_t threads = 1;  // of one inference
};

// Adds --numerics, --kernels, --plugin-path and --limit; a profile or a spec that cannot be is a usage error at once.
void AddEngineOptions(CLI::App& command, EngineOptions& options);

// Adds --threads.
void AddThreadsOption(CLI::App& command, uint32_t& threads);

// Adds --numerics alone.
void AddNumericsOption(CLI::App& command, std::string& numerics);

// Adds the positional MODEL.
void AddModelArgument(CLI::App& command, std::string& path);

// What is needed to run a model. Model and plugins may be shared by several.
struct Session {
  std::shared_ptr<const Model> model;
  std::shared_ptr<PluginHost> plugins;
  std::unique_ptr<Interpreter> interpreter;
};

// Loads plugins and model and makes an interpreter. A plugin that was refused is a warning on stderr, unless the kernel
// spec names it: then that is the error (kPlugin).
// Errors: those of Model::Load, PluginHost::Load and Interpreter::Create; turn them into an Outcome with OpenFailure().
Result<Session> OpenSession(const std::string& model_path, const EngineOptions& options, bool preserve_all_tensors);

// The same with a model that is loaded already. `warn` false keeps refused plugins quiet.
Result<Session> OpenSession(std::shared_ptr<const Model> model, const EngineOptions& options, bool preserve_all_tensors,
                            bool warn = true);

// An error of OpenSession() as the end of a command: an invalid argument there is one of the command line.
Outcome OpenFailure(Error error);

// `index` as an operator of the main subgraph. Errors: kInvalidArgument with the range.
Result<const OperatorInfo*> FindOperator(const Model& model, int index);

}  // namespace glimpse::cli
