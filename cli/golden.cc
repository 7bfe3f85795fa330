// SPDX-License-Identifier: Apache-2.0
// glimpse golden: makes MODEL.golden, what each operator of the model must compute, and checks against it.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/runtime_of_dump.h"
#include "cli/samples.h"
#include "cli/session.h"
#include "golden/golden_file.h"

#ifndef GLIMPSE_VERSION
#error "GLIMPSE_VERSION comes from CMake"
#endif

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kDefaultSamples = 4;

struct GoldenOptions {
  std::string model;
  std::string file;  // to write or to check; "" beside the model
  std::vector<std::string> inputs;
  std::string against;
  uint64_t samples = 0;  // 0: kDefaultSamples, or as many as are given
  uint64_t seed = 1;
  EngineOptions engine;
  bool kernels_given = false;
  bool numerics_given = false;
  bool verify = false;
  bool json = false;
};

class ShowProgress final : public golden::Watcher {
 public:
  explicit ShowProgress(uint64_t samples) : progress_("sample", samples) {}
  bool Continue() override {
    progress_.Update(++done_);
    return true;
  }

 private:
  Progress progress_;
  uint64_t done_ = 0;
};

std::string FileOf(const GoldenOptions& options) {
  return options.file.empty() ? golden::FileBeside(options.model) : options.file;
}

// The inputs in the files, all of them or the first `options.samples`.
Result<golden::Inputs> GivenInputs(const GoldenOptions& options, const std::vector<std::string>& files,
                                   Interpreter& interpreter) {
  GLIMPSE_ASSIGN_OR_RETURN(SampleSet set, SampleSet::Open(files, interpreter));
  golden::Inputs inputs;
  inputs.seeded = false;
  inputs.samples = options.samples == 0 ? set.count() : std::min(options.samples, set.count());
  if (inputs.samples > golden::kMaxSamples) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(files.front(), ": holds ", inputs.samples, " samples, golden vectors have at most ",
                             golden::kMaxSamples, "; use --samples to take the first ones"));
  }
  for (uint64_t s = 0; s < inputs.samples; ++s) {
    GLIMPSE_RETURN_IF_ERROR(set.Load(s, interpreter));
    auto& sample = inputs.data.emplace_back();
    for (const TensorView& input : interpreter.inputs()) sample.emplace_back(input.data.begin(), input.data.end());
  }
  return inputs;
}

Result<golden::Inputs> InputsOf(const GoldenOptions& options, Interpreter& interpreter) {
  std::vector<std::string> files = options.inputs;
  if (files.empty() && !options.against.empty()) {
    for (size_t i = 0; i < interpreter.inputs().size(); ++i)
      files.push_back(StrCat(options.against, "/input_", i, ".npy"));
  }
  if (!files.empty()) return GivenInputs(options, files, interpreter);
  golden::Inputs inputs;
  inputs.samples = options.samples == 0 ? kDefaultSamples : options.samples;
  inputs.seed = options.seed;
  return inputs;
}

// The first tensor of the dump that is not what we computed, as the end of the command; nothing when all are. Counts
// the operators whose outputs were all in the dump.
Result<std::optional<Outcome>> CompareWithDump(const GoldenOptions& options, const Interpreter& interpreter,
                                               const golden::Vectors& vectors, uint64_t* confirmed) {
  const Subgraph& graph = interpreter.model().main();
  for (size_t i = 0; i < vectors.operators.size(); ++i) {
    bool all = !vectors.operators[i].outputs.empty();
    for (const golden::OutputDigests& output : vectors.operators[i].outputs) {
      const TensorView& tensor = interpreter.tensor(output.tensor);
      const std::string path = StrCat(options.against, "/tensor_", output.tensor, ".npy");
      if (tensor.dynamic || !std::filesystem::exists(path)) {
        all = false;
        continue;
      }
      GLIMPSE_ASSIGN_OR_RETURN(SampleFile file, SampleFile::Open(path, tensor));
      std::vector<std::byte> theirs(tensor.data.size());
      for (uint64_t s = 0; s < vectors.inputs.samples; ++s) {
        if (s >= file.layout().count) {
          return Unexpected(ErrorCode::kInvalidArgument,
                            StrCat(path, ": holds ", file.layout().count, " samples, the inputs ",
                                   vectors.inputs.samples, "; all files must be of one dump"));
        }
        GLIMPSE_RETURN_IF_ERROR(file.Load(s, theirs));
        const auto& ours = output.samples[static_cast<size_t>(s)];
        if (ours && *ours == Sha256(theirs)) continue;
        return std::optional(
            Outcome(ExitStatus::kDifferent,
                    StrCat(options.model, ": operator ", i, ", ", golden::LayerName(graph.operators[i], graph),
                           ", differs from ", path, " in sample ", s, "; no golden file was written; 'glimpse diff ",
                           options.model, " --against ", options.against, "' shows where")));
      }
    }
    *confirmed += all;
  }
  if (*confirmed == 0) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(options.against,
                             ": has no tensor_<index>.npy of an operator's output; make it with "
                             "tools/litert_dump.py"));
  }
  return std::optional<Outcome>();
}

std::string RuntimeText(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object[key].get<std::string>() : "unknown";
}

void PrintMade(const GoldenOptions& options, const golden::Vectors& vectors, size_t bytes) {
  if (options.json) {
    Json json{{"model", options.model},
              {"golden", FileOf(options)},
              {"numerics", vectors.numerics},
              {"kernels", vectors.kernels},
              {"samples", vectors.inputs.samples},
              {"operators", vectors.operators.size()},
              {"bytes", bytes},
              {"oracle", nullptr}};
    if (vectors.oracle) {
      json["oracle"] = {{"runtime", vectors.oracle->runtime}, {"operators", vectors.oracle->operators}};
    }
    std::cout << json.dump(-1, ' ', true, Json::error_handler_t::replace) << "\n";
    return;
  }
  std::cout << FileOf(options) << ": " << vectors.operators.size() << " operators, " << vectors.inputs.samples
            << " samples, " << vectors.numerics << ", computed by the kernels '" << vectors.kernels << "'";
  if (vectors.oracle) {
    std::cout << "; " << vectors.oracle->operators << " operators confirmed by " << vectors.oracle->runtime << " ("
              << vectors.oracle->resolver << ", " << vectors.oracle->machine << ")";
  }
  std::cout << "\n";
}

Outcome MakeGolden(GoldenOptions options) {
  // What is made is what others are measured by: the plain kernels compute it, unless somebody asks for others.
  if (!options.kernels_given) options.engine.kernels = "reference";
  auto session = OpenSession(options.model, options.engine, /*preserve_all_tensors=*/false);
  if (!session) return OpenFailure(session.error());
  Interpreter& interpreter = *session->interpreter;
  GLIMPSE_ASSIGN_OR_RETURN(golden::Inputs inputs, InputsOf(options, interpreter));
  ShowProgress progress(inputs.samples);
  auto vectors = golden::Record(interpreter, std::move(inputs), &progress);
  if (!vectors) {
    Error error = std::move(vectors).error();
    if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kUnsupported) {
      // Random numbers are no sound input of every model: a position outside a table, for instance.
      error = {ErrorCode::kInvalidArgument, StrCat(options.model, ": ", error.message,
                                                   options.inputs.empty() && options.against.empty()
                                                       ? "; give inputs that the model can take with --input"
                                                       : "")};
    }
    return error;
  }
  vectors->made_by = StrCat("glimpse ", GLIMPSE_VERSION);
  if (!options.against.empty()) {
    GLIMPSE_ASSIGN_OR_RETURN(const Json runtime, ReadRuntimeOfDump(options.against, interpreter.model()));
    golden::Oracle oracle{RuntimeText(runtime, "runtime"), RuntimeText(runtime, "resolver"),
                          RuntimeText(runtime, "machine"), 0};
    GLIMPSE_ASSIGN_OR_RETURN(const auto different, CompareWithDump(options, interpreter, *vectors, &oracle.operators));
    if (different) return *different;
    vectors->oracle = std::move(oracle);
  }
  const std::string text = golden::FormatVectors(*vectors);
  if (text.size() > golden::kMaxFileBytes) {
    return Error{ErrorCode::kInvalidArgument,
                 StrCat(FileOf(options), ": would have ", text.size(), " bytes, the limit is ", golden::kMaxFileBytes,
                        "; take fewer samples with --samples, or seeded inputs")};
  }
  GLIMPSE_RETURN_IF_ERROR(WriteFile(FileOf(options), std::as_bytes(std::span(text))));
  PrintMade(options, *vectors, text.size());
  return ExitStatus::kOk;
}

Outcome VerifyGolden(GoldenOptions options) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto file, golden::ReadFileIfThere(FileOf(options)));
  if (!file) {
    return Error{ErrorCode::kIo,
                 StrCat(FileOf(options), ": is not there; 'glimpse golden ", options.model, "' makes it")};
  }
  if (!options.numerics_given) {
    if (const auto known = CheckNumerics(file->vectors.numerics); !known) {
      return Error{ErrorCode::kInvalidModel, StrCat(file->path, ": ", known.error().message)};
    }
    options.engine.numerics = file->vectors.numerics;
  }
  auto session = OpenSession(options.model, options.engine, /*preserve_all_tensors=*/false);
  if (!session) return OpenFailure(session.error());
  if (const auto fits = golden::CheckFit(file->vectors, *session->interpreter); !fits) {
    return Error{ErrorCode::kInvalidModel, StrCat(file->path, ": ", fits.error().message)};
  }
  ShowProgress progress(file->vectors.inputs.samples);
  GLIMPSE_ASSIGN_OR_RETURN(const auto comparison, golden::Compare(*session->interpreter, file->vectors, &progress));
  if (options.json) {
    Json json{{"model", options.model},
              {"golden", file->path},
              {"numerics", options.engine.numerics},
              {"samples", comparison.samples},
              {"operators", comparison.operators},
              {"equal", !comparison.difference},
              {"first_difference", nullptr}};
    if (comparison.difference) {
      const PlannedOperator& op = comparison.difference->op;
      json["first_difference"] = {{"operator", op.info->index},
                                  {"op", op.info->ShortName()},
                                  {"tensor", comparison.difference->tensor},
                                  {"sample", comparison.difference->sample},
                                  {"impl", op.impl},
                                  {"plugin", op.plugin}};
    }
    std::cout << json.dump(-1, ' ', true, Json::error_handler_t::replace) << "\n";
    return comparison.difference ? ExitStatus::kDifferent : ExitStatus::kOk;
  }
  if (comparison.difference) {
    return {ExitStatus::kDifferent, StrCat(file->path, ": ", comparison.difference->text)};
  }
  std::cout << file->path << ": " << comparison.operators << " operators equal in " << comparison.samples
            << " samples, " << options.engine.numerics << "\n";
  return ExitStatus::kOk;
}

}  // namespace

void RegisterGolden(CLI::App& app, Context& context) {
  auto options = std::make_shared<GoldenOptions>();
  CLI::App* command =
      app.add_subcommand("golden", "Writes down what each operator of a model must compute, and checks it");
  AddModelArgument(*command, options->model);
  command->add_option("--output", options->file, "The golden file; default MODEL.golden, where the daemon looks for it")
      ->type_name("FILE");
  auto* verify = command->add_flag("--verify", options->verify, "Check the kernels against the golden file");
  command
      ->add_option("--samples", options->samples,
                   "How many samples, at most 64; default 4, or all that --input or --against hold")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{1}, golden::kMaxSamples))
      ->excludes(verify);
  command->add_option("--seed", options->seed, "Makes the inputs; default 1")->type_name("S")->excludes(verify);
  command->add_option("--input", options->inputs, "Inputs to use instead of seeded ones; repeat it for each input")
      ->type_name("IN.npy")
      ->allow_extra_args(false)
      ->excludes(verify);
  command
      ->add_option("--against", options->against,
                   "Folder of another runtime's tensors (tools/litert_dump.py): its inputs are used, and the file is\n"
                   "only written when every operator gives the same bytes; it then names that runtime")
      ->type_name("DIR")
      ->excludes(verify);
  AddEngineOptions(*command, options->engine);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, command, &context] {
    options->kernels_given = command->count("--kernels") > 0;
    options->numerics_given = command->count("--numerics") > 0;
    context.action = [options] { return options->verify ? VerifyGolden(*options) : MakeGolden(*options); };
  });
}

}  // namespace glimpse::cli
