// SPDX-License-Identifier: Apache-2.0
// A YAML file as a tree that knows where each part was written. Nothing here mentions yaml-cpp: yaml_tree.cc alone
// does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace glimpse::config {

// Bounds on one file; it is untrusted.
inline constexpr size_t kMaxYamlBytes = 1u << 20;
inline constexpr size_t kMaxYamlDepth = 32;

// A position, counted from 1 as editors do.
struct Place {
  std::string file;
  int line = 1;
  int column = 1;

  std::string ToString() const;  // "FILE:LINE:COLUMN"
};

struct Entry;

// One value. Which of the last three members counts is for `kind` to say.
struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  Place place;
  std::string scalar;
  bool plain = true;  // a scalar written without quotes
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the file's order; no key twice

  const Node* Find(std::string_view key) const;  // null when there is none, or this is no map
};

// One key of a map.
struct Entry {
  std::string key;
  Place place;
  Node value;
};

// "FILE:LINE:COLUMN: MESSAGE" as kInvalidConfig.
Unexpected ConfigError(const Place& place, std::string_view message);

// Parses one document. An empty one is a null node. Anchors, aliases, merge keys, tags, a second document, keys that
// are not scalars and keys given twice are errors: none is needed here, and aliases let a small file describe a huge
// one. Errors: kInvalidConfig with the place. Thread-safe.
Result<Node> ParseYaml(std::string_view text, const std::string& file);

// Lays `over` on `base`: maps are merged key by key, anything else replaces, null changes nothing.
void MergeYaml(Node over, Node* base);

}  // namespace glimpse::config
