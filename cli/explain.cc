// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/layer_text.h"
#include "cli/samples.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

// The interpreter after it ran up to an operator, and how far its numbers are those of the profile asked for.
struct PartialRun {
  Session session;
  bool own_profile = true;  // false: no kernel computes the profile; inputs come from the default one
};

Result<PartialRun> RunUpTo(const ExplainOptions& options) {
  PartialRun run;
  auto session = OpenSession(options.model, options.engine, true);
  if (!session && session.error().code == ErrorCode::kUnsupported && options.engine.numerics != kDefaultNumerics) {
    EngineOptions fallback = options.engine;
    fallback.numerics = kDefaultNumerics;
    session = OpenSession(options.model, fallback, true);
    run.own_profile = false;
  }
  if (!session) return Unexpected(session.error());
  run.session = *std::move(session);
  Interpreter& interpreter = *run.session.interpreter;
  GLIMPSE_RETURN_IF_ERROR(FindOperator(*run.session.model, options.op));
  GLIMPSE_ASSIGN_OR_RETURN(SampleSet samples, SampleSet::Open(options.inputs, interpreter));
  if (options.sample >= samples.count()) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("--sample ", options.sample, ": ", options.inputs[0],
                                                          " holds ", samples.count(), " samples"));
  }
  GLIMPSE_RETURN_IF_ERROR(samples.Load(options.sample, interpreter));
  for (int i = 0; i <= options.op; ++i) {
    if (!interpreter.plan()[static_cast<size_t>(i)].folded) GLIMPSE_RETURN_IF_ERROR(interpreter.InvokeOperator(i));
  }
  return run;
}

// Everything that is printed of one element.
struct WorkedElement {
  const LinearLayer* layer = nullptr;
  const PlannedOperator* planned = nullptr;
  std::string numerics;
  bool own_profile = true;
  size_t element = 0;
  std::vector<int32_t> position;
  std::span<const int8_t> x, w;
  int32_t bias = 0;
  int64_t exact_sum = 0;  // without wrapping
  int32_t accumulator = 0;
  size_t inside = 0, padding = 0;
  kernels::OutputScale scale;
  std::vector<RescaleStep> steps;
  int32_t rescaled = 0;
  int32_t with_zero_point = 0;
  int32_t result = 0;
  int32_t kernel_result = 0;

  bool equal() const { return result == kernel_result; }
};

WorkedElement Work(const LinearLayer& layer, const Interpreter& interpreter, const PlannedOperator& planned,
                   const ExplainOptions& options, size_t element, bool own_profile) {
  WorkedElement e;
  e.layer = &layer;
  e.planned = &planned;
  e.numerics = options.engine.numerics;
  e.own_profile = own_profile;
  e.element = element;
  const TensorView& output = interpreter.tensor(layer.output().index);
  e.position = PositionOf(element, output.shape);
  e.x = Elements<int8_t>(interpreter.tensor(layer.input().index).data);
  e.w = Elements<int8_t>(interpreter.tensor(layer.weights().index).data);
  std::span<const int32_t> bias;
  if (layer.bias() != nullptr) bias = Elements<int32_t>(interpreter.tensor(layer.bias()->index).data);
  const int32_t channel = layer.ChannelOf(element);
  e.bias = bias.empty() ? 0 : bias[static_cast<size_t>(channel)];
  e.exact_sum = e.bias;
  layer.ForEachTerm(element, [&e, &layer](const LinearLayer::Term& term) {
    ++(term.inside ? e.inside : e.padding);
    if (term.inside) e.exact_sum += int64_t{e.x[term.input] - layer.input_zero_point()} * e.w[term.weight];
  });
  e.accumulator = layer.Accumulate(element, e.x, e.w, bias);
  e.scale = layer.ScaleUnder(e.numerics, channel);
  e.steps = RescaleSteps(e.accumulator, e.scale);
  e.rescaled = kernels::Requantize(e.accumulator, e.scale);
  e.with_zero_point = kernels::WrappingAdd(e.rescaled, layer.output_zero_point());
  e.result = std::clamp(e.with_zero_point, layer.range().min, layer.range().max);
  e.kernel_result = Elements<int8_t>(output.data)[element];
  return e;
}

std::vector<int32_t> InputPlace(const LinearLayer& layer, const LinearLayer::Term& term) {
  if (layer.kind() == LinearLayer::Kind::kFullyConnected) return {term.c};
  return {term.y, term.x, term.c};
}

void PrintJson(const WorkedElement& e) {
  const LinearLayer& layer = *e.layer;
  Json terms = Json::array();
  layer.ForEachTerm(e.element, [&](const LinearLayer::Term& term) {
    Json entry{{"input", InputPlace(layer, term)}, {"inside", term.inside}, {"w", e.w[term.weight]}};
    if (term.inside) {
      entry["x"] = e.x[term.input];
      entry["product"] = (e.x[term.input] - layer.input_zero_point()) * e.w[term.weight];
    }
    terms.push_back(std::move(entry));
  });
  Json steps = Json::array();
  for (const RescaleStep& step : e.steps) steps.push_back({{"step", step.what}, {"value", step.value}});
  const Json report{{"op", e.planned->info->index},
                    {"name", layer.op()},
                    {"numerics", e.numerics},
                    {"at", e.position},
                    {"channel", layer.ChannelOf(e.element)},
                    {"input_zero_point", layer.input_zero_point()},
                    {"input_scale", layer.input_scale()},
                    {"weight_scale", layer.weight_scale(layer.ChannelOf(e.element))},
                    {"output_scale", layer.output_scale()},
                    {"output_zero_point", layer.output_zero_point()},
                    {"terms", std::move(terms)},
                    {"bias", e.bias},
                    {"accumulator", e.accumulator},
                    {"rule", kernels::RoundingName(e.scale.rounding)},
                    {"effective_scale", e.scale.real},
                    {"multiplier", e.scale.fixed.multiplier},
                    {"shift", e.scale.fixed.shift},
                    {"steps", std::move(steps)},
                    {"rescaled", e.rescaled},
                    {"clamp", {layer.range().min, layer.range().max}},
                    {"result", e.result},
                    {"real", double{layer.output_scale()} * (e.result - layer.output_zero_point())},
                    {"kernel", e.planned->impl},
                    {"kernel_result", e.own_profile ? Json(e.kernel_result) : Json()},
                    {"equal", e.own_profile ? Json(e.equal()) : Json()}};
  std::cout << report.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
}

void PrintTerms(const WorkedElement& e) {
  const LinearLayer& layer = *e.layer;
  std::cout << "terms: (x - input zero point) * w\n";
  layer.ForEachTerm(e.element, [&](const LinearLayer::Term& term) {
    const std::string place = StrCat("  input[", StrJoin(InputPlace(layer, term), ","), "]");
    std::cout << std::left << std::setw(20) << place << std::right;
    if (!term.inside) {
      std::cout << " padding, real 0: contributes 0\n";
      return;
    }
    const int32_t x = e.x[term.input];
    const int32_t w = e.w[term.weight];
    const int32_t zero_point = layer.input_zero_point();
    std::cout << " (" << std::setw(4) << x << (zero_point < 0 ? " + " : " - ") << std::setw(3) << std::abs(zero_point)
              << ") * " << std::setw(4) << w << " = " << std::setw(7) << (x - zero_point) * w << '\n';
  });
}

void PrintText(const WorkedElement& e) {
  const LinearLayer& layer = *e.layer;
  const int32_t channel = layer.ChannelOf(e.element);
  std::cout << "operator " << e.planned->info->index << " " << layer.op() << ", output tensor " << layer.output().index
            << " at [" << StrJoin(e.position, ",") << "], channel " << channel << ", numerics " << e.numerics << "\n\n";
  PrintTerms(e);
  std::cout << "\nsum of " << e.inside << " terms" << (e.padding > 0 ? StrCat(" (and ", e.padding, " of padding)") : "")
            << " = " << e.exact_sum - e.bias << "\n"
            << "bias[" << channel << "] = " << e.bias << (layer.bias() == nullptr ? " (the layer has none)" : "")
            << "\n"
            << "accumulator = " << e.accumulator
            << (e.exact_sum != e.accumulator ? " (the sum wrapped modulo 2^32, as the runtimes' does)" : "") << "\n\n"
            << "effective scale = input scale * weight scale[" << channel << "] / output scale\n"
            << "                = " << ExactFloat(layer.input_scale()) << " * "
            << ExactFloat(layer.weight_scale(channel)) << " / " << ExactFloat(layer.output_scale()) << " = "
            << ExactDouble(e.scale.real) << "\n"
            << "                = multiplier / 2^31 * 2^shift, multiplier " << e.scale.fixed.multiplier << ", shift "
            << e.scale.fixed.shift << "\n"
            << "rule of " << e.numerics << " for " << layer.op() << ": " << kernels::RoundingName(e.scale.rounding)
            << "\n";
  for (const RescaleStep& step : e.steps) std::cout << "  " << step.what << " = " << step.value << "\n";
  std::cout << "+ output zero point " << layer.output_zero_point() << " = " << e.with_zero_point << "\n"
            << "clamp to [" << layer.range().min << ", " << layer.range().max << "] ("
            << ActivationName(layer.activation()) << ") = " << e.result << "\n\n"
            << "result " << e.result << ", real " << ExactFloat(layer.output_scale()) << " * (" << e.result << " - "
            << layer.output_zero_point()
            << ") = " << layer.output_scale() * static_cast<float>(e.result - layer.output_zero_point()) << "\n";
  if (e.own_profile) {
    std::cout << "the kernel " << e.planned->impl << " computed " << e.kernel_result
              << (e.equal() ? ": equal\n" : ": DIFFERENT\n");
  } else {
    std::cout << "no loaded kernel computes " << e.numerics << ": the inputs come from " << kDefaultNumerics
              << " kernels, and this result is not checked against a kernel\n";
  }
}

}  // namespace

Result<size_t> ParsePosition(const std::string& text, std::span<const int32_t> shape) {
  const auto fail = [&](const std::string& problem) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat("--at ", Printable(text, 60), ": ", problem,
                                                          "; the output's shape is ", ShapeText(shape)));
  };
  const std::vector<std::string> parts = StrSplit(text, ',');
  if (parts.size() > shape.size())
    return fail(StrCat("has ", parts.size(), " numbers, the output ", shape.size(), " dimensions"));
  const size_t left_out = shape.size() - parts.size();
  for (size_t i = 0; i < left_out; ++i) {
    if (shape[i] != 1)
      return fail(StrCat("give all ", shape.size(), " dimensions (only leading ones of size 1 may be left out)"));
  }
  size_t element = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    int32_t index = -1;
    const char* end = parts[i].data() + parts[i].size();
    const auto [stopped, error] = std::from_chars(parts[i].data(), end, index);
    if (error != std::errc() || stopped != end || parts[i].empty())
      return fail("is not numbers with commas between them");
    const int32_t size = shape[left_out + i];
    if (index < 0 || index >= size) return fail(StrCat(index, " is not in 0 to ", size - 1));
    element = element * static_cast<size_t>(size) + static_cast<size_t>(index);
  }
  return element;
}

std::vector<int32_t> PositionOf(size_t element, std::span<const int32_t> shape) {
  std::vector<int32_t> position(shape.size());
  for (size_t i = shape.size(); i-- > 0;) {
    position[i] = static_cast<int32_t>(element % static_cast<size_t>(shape[i]));
    element /= static_cast<size_t>(shape[i]);
  }
  return position;
}

std::vector<RescaleStep> RescaleSteps(int32_t acc, const kernels::OutputScale& scale) {
  std::vector<RescaleStep> steps;
  const auto add = [&steps](std::string what, std::string value) {
    steps.push_back({std::move(what), std::move(value)});
  };
  switch (scale.rounding) {
    case kernels::Rounding::kDouble:
    case kernels::Rounding::kHalfUp: {
      const int left = std::max(scale.fixed.shift, 0);
      const int right = std::max(-scale.fixed.shift, 0);
      auto x = acc;
      if (left > 0) {
        x = static_cast<int32_t>(static_cast<uint32_t>(acc) << left);
        add(StrCat("accumulator * 2^", left), StrCat(x));
      }
      const int64_t product = int64_t{x} * scale.fixed.multiplier;
      const int32_t high = kernels::SaturatingRoundingDoublingHighMul(x, scale.fixed.multiplier);
      add(StrCat(x, " * multiplier"), StrCat(product));
      add("  that / 2^31, exactly", ExactDouble(static_cast<double>(product) / 2147483648.0));
      add("  first rounding: to nearest", StrCat(high));
      if (right > 0) add(StrCat("  that / 2^", right, ", exactly"), ExactDouble(std::ldexp(high, -right)));
      const bool half_up = scale.rounding == kernels::Rounding::kHalfUp;
      add(right == 0 ? "  no second rounding, shift is not negative"
                     : StrCat("  second rounding: to nearest, ties ", half_up ? "upwards" : "away from zero"),
          StrCat(kernels::Requantize(acc, scale)));
      break;
    }
    case kernels::Rounding::kRealHalfAway:
      add("double(accumulator) * effective scale", ExactDouble(static_cast<double>(acc) * scale.real));
      add("  one rounding: to nearest, ties away from zero", StrCat(kernels::Requantize(acc, scale)));
      break;
    case kernels::Rounding::kFloatHalfEven:
      add("float(accumulator)", ExactFloat(static_cast<float>(acc)));
      add("float effective scale", ExactFloat(scale.single));
      add("  their product as a float", ExactFloat(static_cast<float>(acc) * scale.single));
      add("  one rounding: to nearest, ties to even", StrCat(kernels::Requantize(acc, scale)));
      break;
  }
  return steps;
}

Outcome Explain(const ExplainOptions& options) {
  auto run = RunUpTo(options);
  if (!run) return OpenFailure(run.error());
  const Interpreter& interpreter = *run->session.interpreter;
  const OperatorInfo& op = run->session.model->main().operators[static_cast<size_t>(options.op)];
  if (!LinearLayer::Serves(op)) {
    return UsageError(StrCat("--op ", options.op, ": ", op.ShortName(),
                             " is no sum of products; --at explains CONV_2D, "
                             "DEPTHWISE_CONV_2D and FULLY_CONNECTED"));
  }
  const auto& input_shape = interpreter.tensor(op.inputs[0]).shape;
  const auto& output_shape = interpreter.tensor(op.outputs[0]).shape;
  GLIMPSE_ASSIGN_OR_RETURN(const LinearLayer layer,
                           LinearLayer::Create(*run->session.model, op, input_shape, output_shape));
  const auto element = ParsePosition(options.at, output_shape);
  if (!element) return UsageError(element.error().message);
  const WorkedElement e = Work(layer, interpreter, interpreter.plan()[static_cast<size_t>(options.op)], options,
                               *element, run->own_profile);
  options.json ? PrintJson(e) : PrintText(e);
  if (e.own_profile && !e.equal()) {
    return Error{ErrorCode::kInternal,
                 StrCat(options.model, ": operator ", options.op, ": the kernel ", e.planned->impl, " computed ",
                        e.kernel_result, ", its definition under ", e.numerics, " gives ", e.result,
                        "; the kernel does not keep its promise")};
  }
  return ExitStatus::kOk;
}

}  // namespace glimpse::cli
