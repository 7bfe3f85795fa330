// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "engine/run/interpreter.h"

namespace glimpse {

const std::vector<std::string>& KnownNumerics() {
  static const std::vector<std::string> kNames{"litert-reference", "tflite-micro", "litert-xnnpack"};
  return kNames;
}

Result<void> CheckNumerics(const std::string& name) {
  const std::vector<std::string>& known = KnownNumerics();
  for (const std::string& each : known) {
    if (each == name) return {};
  }
  const std::string nearest = NearestWord(name, known);
  return Unexpected(ErrorCode::kInvalidArgument, StrCat("numerics: there is no profile '", Printable(name), "'",
                                                        nearest.empty() ? "" : StrCat(", did you mean '", nearest, "'"),
                                                        "; profiles: ", StrJoin(known, ", ")));
}

}  // namespace glimpse
