// SPDX-License-Identifier: Apache-2.0
// glimpse inspect: what is in a model file, and what every layer is multiplied by.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/explain.h"
#include "cli/inspect_values.h"
#include "cli/layer_text.h"
#include "cli/linear_layer.h"
#include "cli/metadata_text.h"
#include "cli/npy.h"
#include "cli/samples.h"
#include "cli/session.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

struct InspectOptions : ExplainOptions {
  bool weights = false;
  bool plan = false;
};

// What is shown of one subgraph: all of it, or one operator with its tensors.
struct Selection {
  const Model* model = nullptr;
  const Interpreter* interpreter = nullptr;  // with --plan
  size_t graph = 0;
  std::vector<PlannedOperator> plan;  // with --plan; empty for a subgraph that never runs
  std::vector<const OperatorInfo*> operators;
  std::vector<const TensorInfo*> tensors;
  std::string numerics;
  bool weights = false;

  const Subgraph& subgraph() const { return model->subgraphs()[graph]; }
  bool is_main() const { return graph == 0; }
};

Selection Select(const Model& model, size_t graph, const InspectOptions& options) {
  Selection selection;
  selection.model = &model;
  selection.graph = graph;
  selection.numerics = options.engine.numerics;
  selection.weights = options.weights;
  std::set<int> wanted;
  for (const OperatorInfo& op : selection.subgraph().operators) {
    if (options.op >= 0 && op.index != options.op) continue;
    selection.operators.push_back(&op);
    wanted.insert(op.inputs.begin(), op.inputs.end());
    wanted.insert(op.outputs.begin(), op.outputs.end());
  }
  for (const TensorInfo& tensor : selection.subgraph().tensors) {
    if (options.op < 0 || wanted.contains(tensor.index)) selection.tensors.push_back(&tensor);
  }
  return selection;
}

// ---- JSON

Json TensorJson(const TensorInfo& tensor, bool weights) {
  Json entry{{"index", tensor.index},          {"name", tensor.name},
             {"type", DTypeName(tensor.type)}, {"shape", tensor.shape},
             {"constant", tensor.is_constant}, {"variable", tensor.is_variable}};
  if (!tensor.shape_signature.empty()) entry["shape_signature"] = tensor.shape_signature;
  if (!tensor.quantization.scales.empty()) {
    entry["scales"] = tensor.quantization.scales;
    entry["zero_points"] = tensor.quantization.zero_points;
    entry["quantized_dimension"] = tensor.quantization.axis;
  }
  if (weights && tensor.is_constant) entry["values"] = ConstantValues(tensor);
  return entry;
}

Json RescaleJson(const LinearLayer& layer, const std::string& numerics) {
  Json channels = Json::array();
  for (int32_t c = 0; c < layer.channels(); ++c) {
    const kernels::OutputScale scale = layer.ScaleUnder(numerics, c);
    channels.push_back({{"channel", c},
                        {"weight_scale", layer.weight_scale(c)},
                        {"effective_scale", scale.real},
                        {"multiplier", scale.fixed.multiplier},
                        {"shift", scale.fixed.shift}});
    if (layer.bias() != nullptr && layer.bias()->is_constant) {
      channels.back()["bias"] = Elements<int32_t>(layer.bias()->data)[static_cast<size_t>(c)];
    }
  }
  return {{"numerics", numerics},
          {"formula", "effective_scale = input_scale * weight_scale / output_scale = multiplier / 2^31 * 2^shift"},
          {"rule", kernels::RoundingName(layer.ScaleUnder(numerics, 0).rounding)},
          {"input_scale", layer.input_scale()},
          {"input_zero_point", layer.input_zero_point()},
          {"output_scale", layer.output_scale()},
          {"output_zero_point", layer.output_zero_point()},
          {"activation", ActivationName(layer.activation())},
          {"clamp", {layer.range().min, layer.range().max}},
          {"channels", std::move(channels)}};
}

Json PlanJson(const PlannedOperator& planned) {
  return {{"kernel", planned.impl},
          {"plugin", planned.plugin},
          {"path", planned.plugin_path},
          {"why", planned.why},
          {"folded", planned.folded},
          {"fused", planned.fused},
          {"fused_into", planned.fused_into < 0 ? Json() : Json(planned.fused_into)},
          {"macs", planned.macs},
          {"work", planned.work},
          {"rejected", planned.rejected}};
}

// What the engine itself does with an operator: which subgraphs it runs, which variable it names.
void AddEngineJson(const OperatorInfo& op, Json& entry) {
  if (op.op.starts_with("custom.")) entry["custom"] = true;
  if (!op.subgraphs.empty()) entry["subgraphs"] = op.subgraphs;
  if (op.op == "tflite.VAR_HANDLE") entry["variable"] = {{"container", op.container}, {"shared_name", op.variable}};
  if (!op.composite.empty()) entry["composite"] = op.composite;
}

// Tensors and operators of a subgraph.
void AddGraphJson(const Selection& selection, Json& report) {
  report["tensors"] = Json::array();
  for (const TensorInfo* tensor : selection.tensors)
    report["tensors"].push_back(TensorJson(*tensor, selection.weights));
  report["operators"] = Json::array();
  for (const OperatorInfo* op : selection.operators) {
    Json entry{{"index", op->index},
               {"name", op->ShortName()},
               {"version", op->version},
               {"inputs", op->inputs},
               {"outputs", op->outputs}};
    AddEngineJson(*op, entry);
    if (selection.is_main() && LinearLayer::Serves(*op)) {
      const auto layer = LinearLayer::Create(*selection.model, *op);
      if (layer) entry["rescale"] = RescaleJson(*layer, selection.numerics);
    }
    if (!selection.plan.empty()) entry["plan"] = PlanJson(selection.plan[static_cast<size_t>(op->index)]);
    report["operators"].push_back(std::move(entry));
  }
}

void PrintJson(const std::vector<Selection>& selections) {
  const Selection& selection = selections.front();
  Json report{{"model", selection.model->path()},
              {"sha256", selection.model->sha256()},
              {"description", selection.model->description()},
              {"metadata", MetadataJson(*selection.model)},
              {"subgraphs", selection.model->subgraphs().size()},
              {"inputs", selection.model->main().inputs},
              {"outputs", selection.model->main().outputs}};
  AddGraphJson(selection, report);
  for (size_t i = 1; i < selections.size(); ++i) {
    const Subgraph& graph = selections[i].subgraph();
    Json entry{
        {"index", selections[i].graph}, {"name", graph.name}, {"inputs", graph.inputs}, {"outputs", graph.outputs}};
    AddGraphJson(selections[i], entry);
    report["other_subgraphs"].push_back(std::move(entry));
  }
  if (selection.interpreter != nullptr) {
    report["macs"] = selection.interpreter->macs();
    report["arena_bytes"] = selection.interpreter->arena_bytes();
    report["persistent_bytes"] = selection.interpreter->persistent_bytes();
  }
  std::cout << report.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
}

// ---- text

std::string TensorRole(const Selection& selection, const TensorInfo& tensor) {
  const Subgraph& graph = selection.subgraph();
  const auto among = [&tensor](const std::vector<int>& list) {
    return std::find(list.begin(), list.end(), tensor.index) != list.end();
  };
  if (among(graph.inputs)) return "input";
  if (among(graph.outputs)) return "output";
  return tensor.is_variable ? "variable" : tensor.is_constant ? "constant" : "";
}

void PrintTensors(const Selection& selection) {
  std::vector<std::vector<std::string>> rows{
      {"tensor", "type", "shape", "role", "quantization (from the file)", "name"}};
  for (const TensorInfo* tensor : selection.tensors) {
    rows.push_back({StrCat(tensor->index), std::string(DTypeName(tensor->type)),
                    ShapeText(std::span<const int32_t>(tensor->shape)), TensorRole(selection, *tensor),
                    QuantizationText(tensor->quantization), Printable(tensor->name, 60)});
  }
  std::cout << TextTable(rows);
}

// "runs subgraphs 1 2", "variable 'state'", "custom".
std::string EngineText(const OperatorInfo& op) {
  std::vector<std::string> words;
  if (op.op.starts_with("custom.")) words.push_back(StrCat("custom, ", op.options.size(), " bytes of options"));
  if (!op.composite.empty()) words.push_back(StrCat("composite ", Printable(op.composite, 60)));
  if (!op.subgraphs.empty()) {
    words.push_back(
        StrCat(op.subgraphs.size() == 1 ? "runs subgraph " : "runs subgraphs ", StrJoin(op.subgraphs, " ")));
  }
  if (op.op == "tflite.VAR_HANDLE") words.push_back(StrCat("variable '", Printable(op.variable, 60), "'"));
  return StrJoin(words, ", ");
}

void PrintOperators(const Selection& selection) {
  std::vector<std::vector<std::string>> rows{{"operator", "name", "version", "inputs", "outputs"}};
  const bool engine = std::any_of(selection.operators.begin(), selection.operators.end(),
                                  [](const OperatorInfo* op) { return !EngineText(*op).empty(); });
  if (engine) rows.front().push_back("does");
  for (const OperatorInfo* op : selection.operators) {
    rows.push_back({StrCat(op->index), Printable(op->ShortName(), 60), StrCat(op->version), StrJoin(op->inputs, " "),
                    StrJoin(op->outputs, " ")});
    if (engine) rows.back().push_back(EngineText(*op));
  }
  std::cout << '\n' << TextTable(rows);
}

// " + 3" or " - 128".
std::string Plus(int32_t value) { return value < 0 ? StrCat(" - ", -value) : StrCat(" + ", value); }

std::string RuleText(const LinearLayer& layer, const std::string& numerics) {
  const kernels::Rounding rule = layer.ScaleUnder(numerics, 0).rounding;
  const std::string zero_point = Plus(layer.output_zero_point());
  switch (rule) {
    case kernels::Rounding::kDouble:
    case kernels::Rounding::kHalfUp:
      return StrCat("round(round(acc * multiplier / 2^31) / 2^-shift)", zero_point, "; ", kernels::RoundingName(rule));
    case kernels::Rounding::kRealHalfAway:
      return StrCat("round(double(acc) * effective scale)", zero_point,
                    ", ties away from zero: multiplier and shift are not used");
    case kernels::Rounding::kFloatHalfEven:
      return StrCat("rint(float(acc) * float(effective scale))", zero_point,
                    ", ties to even: multiplier and shift are not used");
  }
  return "";
}

void PrintRescale(const LinearLayer& layer, const OperatorInfo& op, const std::string& numerics) {
  const bool per_channel = layer.weights().quantization.per_channel();
  std::cout << "\noperator " << op.index << " " << layer.op() << ": " << layer.channels() << " output channels, "
            << (per_channel ? StrCat("a weight scale for each (tensor ", layer.weights().index, ", dimension ",
                                     layer.weights().quantization.axis, ")")
                            : StrCat("one weight scale (tensor ", layer.weights().index, ")"))
            << "\n  acc = bias[c] + sum((x" << Plus(-layer.input_zero_point()) << ") * w)\n"
            << "  effective scale[c] = input scale * weight scale[c] / output scale = "
            << ExactFloat(layer.input_scale()) << " * weight scale[c] / " << ExactFloat(layer.output_scale()) << "\n"
            << "                     = multiplier[c] / 2^31 * 2^shift[c]\n"
            << "  result = clamp(" << RuleText(layer, numerics) << "; [" << layer.range().min << ", "
            << layer.range().max << "], " << ActivationName(layer.activation()) << ")   (" << numerics << ")\n";
  std::vector<std::vector<std::string>> rows{
      {"  channel", "weight scale", "effective scale", "multiplier", "shift", "bias"}};
  std::span<const int32_t> bias;
  if (layer.bias() != nullptr) bias = Elements<int32_t>(layer.bias()->data);
  for (int32_t c = 0; c < layer.channels(); ++c) {
    const kernels::OutputScale scale = layer.ScaleUnder(numerics, c);
    rows.push_back({StrCat("  ", c), ExactFloat(layer.weight_scale(c)), ExactDouble(scale.real),
                    StrCat(scale.fixed.multiplier), StrCat(scale.fixed.shift),
                    bias.empty() ? "-" : StrCat(bias[static_cast<size_t>(c)])});
  }
  std::cout << TextTable(rows);
}

void PrintPlan(const Selection& selection) {
  std::cout << '\n';
  if (selection.plan.empty() && !selection.is_main()) std::cout << "no operator of the main subgraph leads here\n";
  for (const OperatorInfo* op : selection.operators) {
    if (selection.plan.empty()) break;
    const PlannedOperator& planned = selection.plan[static_cast<size_t>(op->index)];
    std::cout << "operator " << op->index << " " << Printable(op->ShortName(), 60) << ": " << planned.impl;
    if (!planned.plugin_path.empty())
      std::cout << " of plugin " << planned.plugin << " (" << planned.plugin_path << ")";
    std::cout << "\n  why: " << planned.why << "\n";
    if (planned.folded)
      std::cout << "  folded: ran once at set-up, its outputs are constants\n";
    else if (planned.fused_into < 0 && !planned.plugin_path.empty())
      std::cout << "  work: " << planned.macs << " multiply-accumulates, " << planned.work << " steps in all"
                << (planned.fused > 0 ? StrCat("; fused with the ", planned.fused, " behind it") : "; not fused")
                << "\n";
    for (const std::string& reason : planned.rejected) std::cout << "  not taken: " << reason << "\n";
  }
}

void PrintGraph(const Selection& selection) {
  const Model& model = *selection.model;
  if (!selection.is_main()) {
    std::cout << "\nsubgraph " << selection.graph << " " << Printable(selection.subgraph().name, 60) << "\n\n";
  }
  PrintTensors(selection);
  PrintOperators(selection);
  for (const OperatorInfo* op : selection.operators) {
    if (!selection.is_main() || !LinearLayer::Serves(*op)) continue;
    const auto layer = LinearLayer::Create(model, *op);
    if (layer)
      PrintRescale(*layer, *op, selection.numerics);
    else
      std::cout << "\noperator " << op->index << " " << op->ShortName()
                << ": not taken apart: " << layer.error().message << "\n";
  }
  if (selection.weights) {
    for (const TensorInfo* tensor : selection.tensors) {
      if (tensor->is_constant) {
        std::cout << "\ntensor " << tensor->index << " " << DTypeName(tensor->type) << " "
                  << ShapeText(std::span<const int32_t>(tensor->shape)) << "\n"
                  << ConstantValues(*tensor).dump() << "\n";
      }
    }
  }
  if (selection.interpreter != nullptr) PrintPlan(selection);
}

void PrintText(const std::vector<Selection>& selections) {
  const Model& model = *selections.front().model;
  std::cout << model.path() << "\n" << model.sha256() << "\n";
  if (!model.description().empty()) std::cout << Printable(model.description()) << "\n";
  std::cout << MetadataText(model);
  if (model.subgraphs().size() > 1)
    std::cout << model.subgraphs().size() << " subgraphs; the main one, 0, comes first\n";
  std::cout << '\n';
  for (const Selection& selection : selections) PrintGraph(selection);
  if (const Interpreter* interpreter = selections.front().interpreter; interpreter != nullptr) {
    std::cout << "arena " << interpreter->arena_bytes() << " bytes, kernels' own memory "
              << interpreter->persistent_bytes() << " bytes, " << interpreter->macs()
              << " multiply-accumulates an inference\n";
  }
}

Outcome Inspect(const InspectOptions& options) {
  if (!options.at.empty() || !options.inputs.empty()) {
    if (options.at.empty() || options.inputs.empty() || options.op < 0) {
      return UsageError("inspect: --at, --input and --op go together; see 'glimpse help inspect'");
    }
    return Explain(options);
  }
  GLIMPSE_ASSIGN_OR_RETURN(const std::shared_ptr<const Model> model, Model::Load(options.model, options.engine.limits));
  if (options.op >= 0) {
    if (const auto found = FindOperator(*model, options.op); !found) return UsageError(found.error().message);
  }
  std::vector<Selection> selections{Select(*model, 0, options)};
  // --op is one of the main subgraph.
  for (size_t i = 1; i < model->subgraphs().size() && options.op < 0; ++i) {
    selections.push_back(Select(*model, i, options));
  }
  Session session;
  if (options.plan) {
    auto opened = OpenSession(model, options.engine, false);
    if (!opened) return OpenFailure(opened.error());
    session = *std::move(opened);
    for (Selection& selection : selections) {
      selection.interpreter = session.interpreter.get();
      selection.plan = session.interpreter->plan(static_cast<int>(selection.graph));
    }
  }
  options.json ? PrintJson(selections) : PrintText(selections);
  return ExitStatus::kOk;
}

}  // namespace

void RegisterInspect(CLI::App& app, Context& context) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand("inspect", "Shows tensors, operators, scales, and how one value comes about");
  AddModelArgument(*command, options->model);
  command->add_option("--op", options->op, "Only this operator and its tensors")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--weights", options->weights, "Also print the content of constant tensors");
  command->add_flag("--plan", options->plan, "Also print which kernel each operator gets, and why");
  command->add_option("--at", options->at, "Work out one element of the operator's output, every term and rounding")
      ->type_name("Y,X,C");
  command->add_option("--input", options->inputs, "The model's input for --at; repeat it for each input")
      ->type_name("IN.npy")
      ->allow_extra_args(false);
  command->add_option("--sample", options->sample, "Which sample of IN.npy (default: 0)")->type_name("K");
  AddEngineOptions(*command, options->engine);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &context] { context.action = [options] { return Inspect(*options); }; });
}

}  // namespace glimpse::cli
