// SPDX-License-Identifier: Apache-2.0
// What a Model holds; shared by the reader that fills it and the accessors.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/model/aligned_bytes.h"
#include "engine/model/model.h"

namespace glimpse {

struct Model::Impl {
  std::string path;
  std::string description;
  std::once_flag digested;
  std::string sha256;  // once somebody has asked
  AlignedBytes file;
  std::vector<AlignedBytes> copies;  // constants whose place in the file is not aligned
  std::vector<Subgraph> subgraphs;   // at least one
  std::map<std::string, std::span<const std::byte>> metadata;
};

}  // namespace glimpse
