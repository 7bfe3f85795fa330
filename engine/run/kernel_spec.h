// SPDX-License-Identifier: Apache-2.0
// Which kernels a user asked for: the grammar of --kernels and of the YAML key `kernels`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace glimpse {

// `use` is "auto" (the best score wins) or a plugin's name (its kernels are preferred, others fill in what it lacks).
// An override pins operators to one plugin, and it is an error when that plugin cannot serve them. Its key is an
// operator type
// ("CONV_2D"), an operator's position ("#3"), or a layer: a component of the operator's output tensor name ("conv2d_1"
// matches "model/conv2d_1/BiasAdd;model/conv2d_1/Conv2D"). Position goes before layer, layer before type.
struct KernelSpec {
  std::string use = "auto";
  std::map<std::string, std::string> overrides;

  // Parses "auto,CONV_2D=reference,conv2d_1=example"; a lone plugin name or only overrides are fine too.
  // Errors: kInvalidArgument with the part that is wrong.
  static Result<KernelSpec> Parse(std::string_view text);

  // The key in `overrides` that pins the operator, or "".
  std::string MatchingKey(int index, std::string_view short_name, const std::vector<std::string>& output_names) const;

  // The text that Parse() would read back.
  std::string ToString() const;
};

}  // namespace glimpse
