// SPDX-License-Identifier: Apache-2.0
// From the bytes of a .tflite file to the plain data of a Model.
#pragma once

#include "base/result.h"
#include "engine/model/model.h"

namespace glimpse {

class ModelReader {
 public:
  // Fills in everything of `impl` but path and file, which are there already. Errors: as Model::Load().
  static Result<void> Read(const Limits& limits, Model::Impl* impl);
};

}  // namespace glimpse
