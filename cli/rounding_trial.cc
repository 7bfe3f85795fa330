// SPDX-License-Identifier: Apache-2.0
#include "cli/rounding_trial.h"

#include "kernels/quant/profile.h"

namespace glimpse::cli {
namespace {

// The optimised depthwise kernel works on eight channels at a time with one rule and on the rest with another.
constexpr int32_t kDepthwiseBlock = 8;

kernels::Rounding BuiltinRounding(const LinearLayer& layer, int32_t channel) {
  const bool rest = channel >= layer.channels() / kDepthwiseBlock * kDepthwiseBlock;
  return layer.kind() == LinearLayer::Kind::kDepthwise && rest ? kernels::Rounding::kDouble
                                                               : kernels::Rounding::kHalfUp;
}

}  // namespace

RoundingTrial::RoundingTrial(const LinearLayer& layer, const std::string& numerics) : layer_(layer) {
  const auto ours = kernels::RoundingFor(numerics, layer.op());
  for (const std::string& profile : KnownNumerics()) {
    const auto rule = kernels::RoundingFor(profile, layer.op());
    if (profile == numerics || !rule || rule == ours) continue;
    Candidate candidate{profile, std::string(kernels::RoundingName(*rule)), 0, 0, {}};
    for (int32_t c = 0; c < layer.channels(); ++c) candidate.scales.push_back(layer.ScaleUnder(profile, c));
    candidates_.push_back(std::move(candidate));
  }
  Candidate builtin{"litert-builtin", std::string(kernels::RoundingName(kernels::Rounding::kHalfUp)), 0, 0, {}};
  for (int32_t c = 0; c < layer.channels(); ++c)
    builtin.scales.push_back(layer.ScaleUnder(BuiltinRounding(layer, c), c));
  candidates_.push_back(std::move(builtin));
}

void RoundingTrial::Add(const Interpreter& interpreter, std::span<const std::byte> ours,
                        std::span<const std::byte> theirs) {
  const auto x = Elements<int8_t>(interpreter.tensor(layer_.input().index).data);
  const auto w = Elements<int8_t>(interpreter.tensor(layer_.weights().index).data);
  std::span<const int32_t> bias;
  if (layer_.bias() != nullptr) bias = Elements<int32_t>(interpreter.tensor(layer_.bias()->index).data);
  const auto our_values = Elements<int8_t>(ours);
  const auto their_values = Elements<int8_t>(theirs);
  for (size_t i = 0; i < our_values.size(); ++i) {
    const int32_t acc = layer_.Accumulate(i, x, w, bias);
    const bool differs = our_values[i] != their_values[i];
    differing_ += differs;
    for (Candidate& candidate : candidates_) {
      const int8_t value =
          kernels::RequantizeToInt8(acc, candidate.scales[static_cast<size_t>(layer_.ChannelOf(i))],
                                    layer_.output_zero_point(), layer_.range().min, layer_.range().max);
      if (differs) {
        candidate.reproduced += value == their_values[i];
      } else {
        candidate.broken += value != their_values[i];
      }
    }
  }
}

std::vector<const Candidate*> RoundingTrial::Explaining() const {
  std::vector<const Candidate*> all;
  for (const Candidate& candidate : candidates_) {
    if (candidate.reproduced == differing_ && candidate.broken == 0) all.push_back(&candidate);
  }
  return all;
}

const Candidate* RoundingTrial::Best() const {
  const Candidate* best = nullptr;
  const auto merit = [](const Candidate& c) {
    return static_cast<int64_t>(c.reproduced) - static_cast<int64_t>(c.broken);
  };
  for (const Candidate& candidate : candidates_) {
    if (best == nullptr || merit(candidate) > merit(*best)) best = &candidate;
  }
  return best;
}

}  // namespace glimpse::cli
