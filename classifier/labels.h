// SPDX-License-Identifier: Apache-2.0
// Names of classes: from a file of one's own, or packed in the model.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"

namespace glimpse::classifier {

// Where the names of classes came from.
enum class LabelSource { kFile, kModel, kNumbers };
// "file", "model" or "numbers".
const char* LabelSourceName(LabelSource source);

struct Labels {
  std::vector<std::string> names;  // one for each class
  LabelSource source = LabelSource::kNumbers;
  std::string origin;  // the file's name, on the disk or in the model; "" for numbers
};

// The names of `classes` classes: of the file `path`; when that is "", of the labels that `model` packs for its first
// output; when it packs none, "0", "1", ... . Reentrant.
//
// A file has one class a line, UTF-8, at most 256 bytes each and 1 MiB in all; spaces around a name are cut off, empty
// lines at the end do not count.
// Errors: those of ReadFile(), and kInvalidConfig for a file that is not text or has another number of labels,
// "FILE:LINE: ..."; those of ReadMetadata() and ReadAssociatedFile(), and kInvalidModel, for labels of the model.
Result<Labels> FindLabels(const std::string& path, const Model& model, size_t classes);

}  // namespace glimpse::classifier
