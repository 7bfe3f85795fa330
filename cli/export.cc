// SPDX-License-Identifier: Apache-2.0
// glimpse export: everything one layer computes with, as .npy files and as one C header.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/layer_text.h"
#include "cli/linear_layer.h"
#include "cli/npy.h"
#include "cli/samples.h"
#include "cli/session.h"

namespace glimpse::cli {
namespace {

struct ExportOptions {
  std::string model;
  int op = -1;
  std::string output;
  std::string numerics = kDefaultNumerics;
  bool json = false;
};

// What is written of each output channel.
struct Channels {
  std::vector<float> weight_scales;
  std::vector<double> effective_scales;
  std::vector<float> float_scales;
  std::vector<int32_t> multipliers;
  std::vector<int32_t> shifts;
  std::vector<int32_t> bias;  // 0 for a layer without
};

Channels ChannelsOf(const LinearLayer& layer, const std::string& numerics) {
  Channels channels;
  std::span<const int32_t> bias;
  if (layer.bias() != nullptr) bias = Elements<int32_t>(layer.bias()->data);
  for (int32_t c = 0; c < layer.channels(); ++c) {
    const kernels::OutputScale scale = layer.ScaleUnder(numerics, c);
    channels.weight_scales.push_back(layer.weight_scale(c));
    channels.effective_scales.push_back(scale.real);
    channels.float_scales.push_back(scale.single);
    channels.multipliers.push_back(scale.fixed.multiplier);
    channels.shifts.push_back(scale.fixed.shift);
    channels.bias.push_back(bias.empty() ? 0 : bias[static_cast<size_t>(c)]);
  }
  return channels;
}

template <typename T>
Result<void> WriteVector(const std::string& folder, const std::string& name, DType type, const std::vector<T>& values) {
  return WriteNpy(StrCat(folder, "/", name, ".npy"), type, {static_cast<int64_t>(values.size())},
                  std::as_bytes(std::span(values)));
}

Result<void> WriteArrays(const std::string& folder, const LinearLayer& layer, const Channels& channels) {
  const TensorInfo& weights = layer.weights();
  GLIMPSE_RETURN_IF_ERROR(WriteNpy(folder + "/weights.npy", DType::kInt8,
                                   std::vector<int64_t>(weights.shape.begin(), weights.shape.end()), weights.data));
  GLIMPSE_RETURN_IF_ERROR(WriteVector(folder, "bias", DType::kInt32, channels.bias));
  GLIMPSE_RETURN_IF_ERROR(WriteVector(folder, "weight_scales", DType::kFloat32, channels.weight_scales));
  GLIMPSE_RETURN_IF_ERROR(WriteVector(folder, "effective_scales", DType::kFloat64, channels.effective_scales));
  GLIMPSE_RETURN_IF_ERROR(WriteVector(folder, "multipliers", DType::kInt32, channels.multipliers));
  return WriteVector(folder, "shifts", DType::kInt32, channels.shifts);
}

// ---- the header

// A real number that reads back as itself in C, with the suffix of its type.
std::string CFloat(float value) {
  const std::string text = ExactFloat(value);
  return text + (text.find_first_of(".e") == std::string::npos ? ".0f" : "f");
}
std::string CDouble(double value) {
  const std::string text = ExactDouble(value);
  return text + (text.find_first_of(".e") == std::string::npos ? ".0" : "");
}
std::string CInt(int32_t value) { return value == INT32_MIN ? "(-2147483647 - 1)" : StrCat(value); }

template <typename Range, typename Format>
std::string Array(const std::string& type, const std::string& name, const Range& values, Format format) {
  std::string text = StrCat("static const ", type, " layer_", name, "[", values.size(), "] = {");
  std::string line;
  for (const auto value : values) {
    const std::string item = format(value);
    if (line.size() + item.size() > 110) {
      text += "\n    " + line;
      line.clear();
    }
    line += (line.empty() ? "" : " ") + item + ",";
  }
  return text + "\n    " + line + "};\n";
}

std::string Constant(const std::string& name, int64_t value, const std::string& meaning) {
  return StrCat("#define LAYER_", name, " ", value < 0 ? StrCat("(", value, ")") : StrCat(value), " /* ", meaning,
                " */\n");
}

std::string Geometry(const LinearLayer& layer) {
  std::string text = Constant("BATCHES", layer.batches(), "samples, or rows of a fully connected layer") +
                     Constant("INPUT_DEPTH", layer.input_depth(), "channels, or numbers in a row") +
                     Constant("OUTPUT_DEPTH", layer.channels(), "channels");
  if (layer.kind() == LinearLayer::Kind::kFullyConnected) return text;
  for (const auto& [name, axis] : {std::pair{"HEIGHT", &layer.height()}, std::pair{"WIDTH", &layer.width()}}) {
    text += Constant(StrCat("INPUT_", name), axis->input, "") + Constant(StrCat("OUTPUT_", name), axis->output, "") +
            Constant(StrCat("FILTER_", name), axis->taps, "") + Constant(StrCat("STRIDE_", name), axis->stride, "") +
            Constant(StrCat("DILATION_", name), axis->dilation, "") +
            Constant(StrCat("PADDING_", name), axis->padding, "before the first row or column");
  }
  if (layer.kind() == LinearLayer::Kind::kDepthwise)
    return text + Constant("DEPTH_MULTIPLIER", layer.depth_multiplier(), "");
  return text + Constant("GROUPS", layer.groups(), "");
}

std::string RuleNote(const LinearLayer& layer, const std::string& numerics) {
  switch (layer.ScaleUnder(numerics, 0).rounding) {
    case kernels::Rounding::kDouble:
    case kernels::Rounding::kHalfUp:
      return "r = round(round(acc * layer_multipliers[c] / 2^31) / 2^-layer_shifts[c]), each to nearest, ties away "
             "from zero";
    case kernels::Rounding::kRealHalfAway:
      return "r = round(double(acc) * layer_effective_scales[c]), ties away from zero; multipliers and shifts are not "
             "used";
    case kernels::Rounding::kFloatHalfEven:
      return "r = rintf(float(acc) * layer_float_scales[c]), ties to even; multipliers and shifts are not used";
  }
  return "";
}

std::string Header(const LinearLayer& layer, const Model& model, const ExportOptions& options,
                   const Channels& channels) {
  const bool depthwise = layer.kind() == LinearLayer::Kind::kDepthwise;
  const bool rows = layer.kind() == LinearLayer::Kind::kFullyConnected;
  std::string text = StrCat(
      "/* Operator ", options.op, " (", layer.op(), ") of a model with ", model.sha256(),
      ",\n * exported by glimpse for ", options.numerics,
      ".\n *\n * acc = layer_bias[c] + sum((x - LAYER_INPUT_ZERO_POINT) * w)\n * ", RuleNote(layer, options.numerics),
      "\n * out = min(max(r + LAYER_OUTPUT_ZERO_POINT, LAYER_OUTPUT_MIN), LAYER_OUTPUT_MAX)\n"
      " * real number = scale * (stored - zero point). Weights lie as ",
      rows        ? "[out, in]"
      : depthwise ? "[1, y, x, out]"
                  : "[out, y, x, in / groups]",
      ", tensors as ", rows ? "[row, number]" : "[n, y, x, channel]", ". */\n",
      "#ifndef GLIMPSE_EXPORTED_LAYER_H_\n#define GLIMPSE_EXPORTED_LAYER_H_\n\n#include <stdint.h>\n\n",
      "#define LAYER_NUMERICS \"", options.numerics, "\"\n#define LAYER_OP \"", layer.op(), "\"\n");
  text += Geometry(layer);
  text += Constant("INPUT_ZERO_POINT", layer.input_zero_point(), "stored value of real 0; padding has it") +
          Constant("OUTPUT_ZERO_POINT", layer.output_zero_point(), "") +
          Constant("OUTPUT_MIN", layer.range().min, ActivationName(layer.activation())) +
          Constant("OUTPUT_MAX", layer.range().max, "");
  text += StrCat("#define LAYER_INPUT_SCALE ", CFloat(layer.input_scale()), "\n#define LAYER_OUTPUT_SCALE ",
                 CFloat(layer.output_scale()), "\n\n");
  text += Array("float", "weight_scales", channels.weight_scales, CFloat);
  text += Array("double", "effective_scales", channels.effective_scales, CDouble);
  text += Array("float", "float_scales", channels.float_scales, CFloat);
  text += Array("int32_t", "multipliers", channels.multipliers, CInt);
  text += Array("int32_t", "shifts", channels.shifts, CInt);
  text += Array("int32_t", "bias", channels.bias, CInt);
  text += Array("int8_t", "weights", Elements<int8_t>(layer.weights().data),
                [](int8_t value) { return StrCat(int{value}); });
  return text + "\n#endif\n";
}

Outcome Export(const ExportOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::shared_ptr<const Model> model, Model::Load(options.model));
  const auto op = FindOperator(*model, options.op);
  if (!op) return UsageError(op.error().message);
  if (!LinearLayer::Serves(**op)) {
    return UsageError(StrCat("--op ", options.op, ": ", (*op)->ShortName(),
                             " has no weights to export; CONV_2D, DEPTHWISE_CONV_2D and "
                             "FULLY_CONNECTED have"));
  }
  GLIMPSE_ASSIGN_OR_RETURN(const LinearLayer layer, LinearLayer::Create(*model, **op));
  if (!layer.weights().is_constant || (layer.bias() != nullptr && !layer.bias()->is_constant)) {
    return Error{ErrorCode::kUnsupported, StrCat(options.model, ": operator ", options.op,
                                                 ": its weights or bias are computed by the "
                                                 "model, not stored in the file; there is nothing to export")};
  }
  GLIMPSE_RETURN_IF_ERROR(MakeFolder(options.output));
  const Channels channels = ChannelsOf(layer, options.numerics);
  GLIMPSE_RETURN_IF_ERROR(WriteArrays(options.output, layer, channels));
  const std::string header = Header(layer, *model, options, channels);
  GLIMPSE_RETURN_IF_ERROR(WriteFile(options.output + "/layer.h", std::as_bytes(std::span(header))));
  const std::vector<std::string> files{
      "weights.npy", "bias.npy", "weight_scales.npy", "effective_scales.npy", "multipliers.npy",
      "shifts.npy",  "layer.h"};
  if (options.json) {
    const nlohmann::ordered_json report{{"op", options.op},
                                        {"name", layer.op()},
                                        {"numerics", options.numerics},
                                        {"output", options.output},
                                        {"files", files}};
    std::cout << report.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    std::cout << "operator " << options.op << " " << layer.op() << ", " << layer.channels() << " channels, "
              << options.numerics << ", in " << options.output << ": " << StrJoin(files, ", ") << "\n";
  }
  return ExitStatus::kOk;
}

}  // namespace

void RegisterExport(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      app.add_subcommand("export", "Writes one layer's weights and scales as .npy files and a C header");
  AddModelArgument(*command, options->model);
  command->add_option("--op", options->op, "The operator")->required()->type_name("N");
  command->add_option("--output", options->output, "Folder for the files, made when missing")
      ->required()
      ->type_name("DIR");
  AddNumericsOption(*command, options->numerics);
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->callback([options, &context] { context.action = [options] { return Export(*options); }; });
}

}  // namespace glimpse::cli
