// SPDX-License-Identifier: Apache-2.0
// Typed reading of YAML nodes, each with an error that says where, what, and which values are right.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/yaml_tree.h"

namespace glimpse::config {

// One key of a map and what to do with its value. The lists of fields are the schema: unknown keys, suggestions and
// KnownKeys() all come from them.
struct Field {
  std::string key;
  std::function<Result<void>(const Node&)> read;
};

// Reads the entries of `node` by `fields`. `what` is the map's name in errors ("cameras.front"). Null is an empty map.
// Errors: kInvalidConfig for a node that is no map, an unknown key (with the nearest known one), whatever a field says.
Result<void> ReadMap(const Node& node, const std::string& what, const std::vector<Field>& fields);

// A single value. Errors: kInvalidConfig for null, list or map.
Result<std::string> ReadText(const Node& node, const std::string& key);
// A name of letters, digits, '_' and '-', up to 64: it becomes part of messages, topics and file names.
Result<void> CheckName(const std::string& name, const Place& place, const std::string& what);
Result<bool> ReadBool(const Node& node, const std::string& key);
// Inclusive bounds.
Result<int64_t> ReadInteger(const Node& node, const std::string& key, int64_t min, int64_t max);
Result<double> ReadNumber(const Node& node, const std::string& key, double min, double max);
// The key `key` for a whole number, which goes into `target`.
Field IntegerField(const std::string& key, uint32_t* target, int64_t min, int64_t max);
// Seconds: "500ms", "10s", "2min", "1h", or a plain number of seconds.
Result<double> ReadDuration(const Node& node, const std::string& key, double min_s, double max_s);
// Index of the word among `words`.
Result<size_t> ReadWord(const Node& node, const std::string& key, const std::vector<std::string>& words);
// A list. Errors: kInvalidConfig for anything else.
Result<const std::vector<Node>*> ReadList(const Node& node, const std::string& key);

// "; did you mean 'x'?", or "; known are a, b, c" when nothing is near.
std::string Suggestion(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace glimpse::config
