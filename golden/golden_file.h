// SPDX-License-Identifier: Apache-2.0
// Golden vectors as a file, MODEL.golden beside MODEL: docs/golden.md describes its form.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "golden/vectors.h"

namespace glimpse::golden {

inline constexpr uint64_t kMaxFileBytes = 8u << 20;

// Whether vectors that expect nothing (Vectors::operators is empty) are allowed: not in a file, where they would prove
// nothing.
enum class Expectations { kRequired, kOptional };

// Reads the text of a golden file, which is untrusted: every member is checked, none is ignored, sizes and counts are
// bounded. Whether the vectors fit a model is CheckFit()'s. Errors: kInvalidModel, "NAME: what is wrong, where".
Result<Vectors> ParseVectors(std::span<const std::byte> text, const std::string& name,
                             Expectations expectations = Expectations::kRequired);
std::string FormatVectors(const Vectors& vectors);

// "digits.tflite.golden".
std::string FileBeside(const std::string& model_path);

// A golden file as it was found.
struct File {
  std::string path;
  Sha256Digest content{};  // of the whole file
  Vectors vectors;
};

// The golden file at `path`, or nothing when there is none. Errors: those of ParseVectors(); kIo; kInvalidModel for a
// file that is too large.
Result<std::optional<File>> ReadFileIfThere(const std::string& path);

}  // namespace glimpse::golden
