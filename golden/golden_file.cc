// SPDX-License-Identifier: Apache-2.0
#include "golden/golden_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/strings.h"

namespace glimpse::golden {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kFormat = "glimpse-golden";
constexpr int kVersion = 1;
constexpr int kMaxDepth = 8;
constexpr size_t kMaxText = 200;           // bytes of a name
constexpr size_t kMaxOperators = 1 << 16;  // in one file
constexpr size_t kMaxOutputs = 1024;       // of one operator
constexpr size_t kMaxInputs = 1024;

// What is wrong, on the way to becoming the error of the whole file.
struct Wrong {
  std::string text;
};

// Reads members, and throws Wrong: nesting makes returning each error by hand longer than what is read. Caught in
// ParseVectors().
class Object {
 public:
  Object(const Json& value, std::string where, std::initializer_list<const char*> known)
      : value_(value), where_(std::move(where)) {
    if (!value.is_object()) throw Wrong{StrCat(Place(), "must be an object")};
    for (const auto& [key, ignored] : value.items()) {
      bool found = false;
      for (const char* each : known) found = found || key == each;
      if (!found) throw Wrong{StrCat(Place(), "has an unknown member '", Printable(key, 60), "'")};
    }
  }

  const Json& Get(const char* key) const {
    const auto found = value_.find(key);
    if (found == value_.end()) throw Wrong{StrCat(Place(), "'", key, "' is missing")};
    return *found;
  }
  bool Has(const char* key) const { return value_.contains(key); }

  std::string Text(const char* key) const {
    const Json& member = Get(key);
    if (!member.is_string() || member.get_ref<const std::string&>().size() > kMaxText) {
      throw Wrong{StrCat(Place(), "'", key, "' must be a text of at most ", kMaxText, " bytes")};
    }
    return member.get<std::string>();
  }

  uint64_t Number(const char* key, uint64_t min, uint64_t max) const {
    const Json& member = Get(key);
    if (!member.is_number_unsigned() || member.get<uint64_t>() < min || member.get<uint64_t>() > max) {
      throw Wrong{StrCat(Place(), "'", key, "' must be a whole number from ", min, " to ", max)};
    }
    return member.get<uint64_t>();
  }

  const Json& List(const char* key, size_t min, size_t max) const {
    const Json& member = Get(key);
    if (!member.is_array() || member.size() < min || member.size() > max) {
      throw Wrong{StrCat(Place(), "'", key, "' must be a list of ", min, " to ", max, " items")};
    }
    return member;
  }

 private:
  std::string Place() const { return where_.empty() ? "" : StrCat(where_, ": "); }
  const Json& value_;
  std::string where_;
};

std::optional<Oracle> ReadOracle(const Json& value) {
  if (value.is_null()) return std::nullopt;
  const Object object(value, "oracle", {"runtime", "resolver", "machine", "operators"});
  Oracle oracle;
  oracle.runtime = object.Text("runtime");
  oracle.resolver = object.Text("resolver");
  oracle.machine = object.Text("machine");
  oracle.operators = object.Number("operators", 0, kMaxOperators);
  return oracle;
}

std::vector<std::byte> ReadContent(const Json& value, const std::string& where) {
  if (!value.is_string()) throw Wrong{StrCat(where, " must be hexadecimal text")};
  const auto& text = value.get_ref<const std::string&>();
  std::vector<std::byte> content(text.size() / 2);
  if (!FromHex(text, content)) throw Wrong{StrCat(where, " must be hexadecimal text")};
  return content;
}

Inputs ReadInputs(const Json& value, uint64_t samples) {
  Inputs inputs;
  inputs.samples = samples;
  const Object object(value, "inputs", {"generator", "seed", "tensors"});
  inputs.seeded = object.Has("generator");
  if (inputs.seeded) {
    if (object.Text("generator") != "splitmix64") throw Wrong{"inputs: 'generator' must be \"splitmix64\""};
    if (object.Has("tensors")) throw Wrong{"inputs: has both 'generator' and 'tensors'"};
    inputs.seed = object.Number("seed", 0, std::numeric_limits<uint64_t>::max());
    return inputs;
  }
  const Json& tensors = object.List("tensors", 0, kMaxInputs);
  inputs.data.resize(static_cast<size_t>(samples));
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].is_array() || tensors[i].size() != samples) {
      throw Wrong{StrCat("inputs: tensors[", i, "] must be a list of ", samples, " items, one for each sample")};
    }
    for (size_t s = 0; s < samples; ++s) {
      inputs.data[s].push_back(ReadContent(tensors[i][s], StrCat("inputs: tensors[", i, "][", s, "]")));
    }
  }
  return inputs;
}

OutputDigests ReadOutput(const Json& value, const std::string& where, uint64_t samples) {
  const Object object(value, where, {"tensor", "sha256"});
  OutputDigests output;
  output.tensor = static_cast<int>(object.Number("tensor", 0, std::numeric_limits<int>::max()));
  for (const Json& item : object.List("sha256", static_cast<size_t>(samples), static_cast<size_t>(samples))) {
    std::optional<Sha256Digest> digest;
    if (!item.is_null()) {
      if (item.is_string()) digest = DigestFromHex(item.get_ref<const std::string&>());
      if (!digest) throw Wrong{StrCat(where, ": 'sha256' must hold 64 hexadecimal digits or null")};
    }
    output.samples.push_back(digest);
  }
  return output;
}

std::vector<OperatorDigests> ReadOperators(const Json& list, uint64_t samples) {
  std::vector<OperatorDigests> operators;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = StrCat("operators[", i, "]");
    const Object object(list[i], where, {"op", "outputs"});
    OperatorDigests& digests = operators.emplace_back();
    digests.op = object.Text("op");
    for (const Json& output : object.List("outputs", 0, kMaxOutputs)) {
      digests.outputs.push_back(ReadOutput(output, where, samples));
    }
  }
  return operators;
}

Vectors Read(const Json& value, Expectations expectations) {
  const Object object(
      value, "",
      {"format", "version", "model", "numerics", "made_by", "kernels", "oracle", "samples", "inputs", "operators"});
  if (object.Text("format") != kFormat) throw Wrong{"'format' must be \"glimpse-golden\""};
  if (object.Number("version", 0, 1'000'000) != kVersion) {
    throw Wrong{StrCat("is of version ", object.Get("version").get<uint64_t>(), ", known is ", kVersion,
                       "; make it again with 'glimpse golden'")};
  }
  Vectors vectors;
  vectors.model = object.Text("model");
  vectors.numerics = object.Text("numerics");
  vectors.made_by = object.Text("made_by");
  vectors.kernels = object.Text("kernels");
  vectors.oracle = ReadOracle(object.Get("oracle"));
  const uint64_t samples = object.Number("samples", 1, kMaxSamples);
  vectors.inputs = ReadInputs(object.Get("inputs"), samples);
  const size_t at_least = expectations == Expectations::kRequired ? 1 : 0;
  vectors.operators = ReadOperators(object.List("operators", at_least, kMaxOperators), samples);
  return vectors;
}

OrderedJson InputsJson(const Inputs& inputs) {
  if (inputs.seeded) return {{"generator", "splitmix64"}, {"seed", inputs.seed}};
  OrderedJson tensors = OrderedJson::array();
  const size_t count = inputs.data.empty() ? 0 : inputs.data[0].size();
  for (size_t i = 0; i < count; ++i) {
    OrderedJson contents = OrderedJson::array();
    for (const auto& sample : inputs.data) contents.push_back(ToHex(sample[i]));
    tensors.push_back(std::move(contents));
  }
  return {{"tensors", std::move(tensors)}};
}

}  // namespace

Result<Vectors> ParseVectors(std::span<const std::byte> text, const std::string& name, Expectations expectations) {
  const auto* begin = reinterpret_cast<const char*>(text.data());
  bool sound = true;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    sound = sound && depth <= kMaxDepth;
    return sound;  // what is nested deeper is not kept
  };
  const Json value = Json::parse(begin, begin + text.size(), watch, /*allow_exceptions=*/false);
  if (!sound || value.is_discarded()) {
    return Unexpected(ErrorCode::kInvalidModel, StrCat(name, ": is not JSON, or is nested deeper than ", kMaxDepth,
                                                       " levels; make it again with 'glimpse golden'"));
  }
  try {
    return Read(value, expectations);
  } catch (const Wrong& wrong) {
    return Unexpected(ErrorCode::kInvalidModel, StrCat(name, ": ", wrong.text));
  }
}

std::string FormatVectors(const Vectors& vectors) {
  OrderedJson oracle;
  if (vectors.oracle) {
    oracle = {{"runtime", vectors.oracle->runtime},
              {"resolver", vectors.oracle->resolver},
              {"machine", vectors.oracle->machine},
              {"operators", vectors.oracle->operators}};
  }
  OrderedJson operators = OrderedJson::array();
  for (const OperatorDigests& digests : vectors.operators) {
    OrderedJson outputs = OrderedJson::array();
    for (const OutputDigests& output : digests.outputs) {
      OrderedJson samples = OrderedJson::array();
      for (const auto& digest : output.samples) samples.push_back(digest ? OrderedJson(ToHex(*digest)) : OrderedJson());
      outputs.push_back({{"tensor", output.tensor}, {"sha256", std::move(samples)}});
    }
    operators.push_back({{"op", digests.op}, {"outputs", std::move(outputs)}});
  }
  const OrderedJson file{{"format", kFormat},
                         {"version", kVersion},
                         {"model", vectors.model},
                         {"numerics", vectors.numerics},
                         {"made_by", vectors.made_by},
                         {"kernels", vectors.kernels},
                         {"oracle", oracle},
                         {"samples", vectors.inputs.samples},
                         {"inputs", InputsJson(vectors.inputs)},
                         {"operators", operators}};
  return file.dump(1, ' ', true, OrderedJson::error_handler_t::replace) + "\n";
}

std::string FileBeside(const std::string& model_path) { return model_path + ".golden"; }

Result<std::optional<File>> ReadFileIfThere(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 && errno == ENOENT) return std::optional<File>();
  auto bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes) {
    Error error = std::move(bytes).error();
    if (error.code == ErrorCode::kExhausted) error.code = ErrorCode::kInvalidModel;
    return Unexpected(std::move(error));
  }
  File file;
  file.path = path;
  file.content = Sha256(*bytes);
  GLIMPSE_ASSIGN_OR_RETURN(file.vectors, ParseVectors(*bytes, path));
  return std::optional(std::move(file));
}

}  // namespace glimpse::golden
