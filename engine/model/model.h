// SPDX-License-Identifier: Apache-2.0
// A verified .tflite model as plain data. Nothing here mentions flatbuffers: model_reader.cc alone does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/dtype.h"
#include "engine/model/limits.h"

namespace glimpse {

// real = scales[c] * (stored - zero_points[c]). Empty scales: not quantized; one: per tensor; several: per channel, one
// for each entry of dimension `axis`. The reader guarantees sizes, finite scales and zero points inside the type's
// range.
struct Quantization {
  std::vector<float> scales;
  std::vector<int64_t> zero_points;  // as many as scales
  int axis = 0;

  bool per_channel() const { return scales.size() > 1; }
};

// One tensor of a subgraph.
struct TensorInfo {
  int index = 0;
  std::string name;
  DType type = DType::kFloat32;
  std::vector<int32_t> shape;            // every dimension >= 0; a dynamic one (-1) reads as 1
  std::vector<int32_t> shape_signature;  // as in the file, -1 where dynamic; empty when the file has none
  Quantization quantization;
  // Content of a constant: size_bytes long, aligned to 16, GLIMPSE_TAIL_BYTES readable behind it. Empty for any other,
  // and for a constant that nobody can compute with (sparse, of rank 9): no operator of a subgraph that may run touches
  // one. Owned by the Model.
  std::span<const std::byte> data;
  bool is_constant = false;  // has a buffer with content; or has no elements, and nothing else defines it
  bool is_variable = false;
  size_t size_bytes = 0;  // of content, from shape and type
};

// One operator. `options` is the struct of glimpse/op_options.h that belongs to `op`, or the raw bytes of a custom
// operator.
struct OperatorInfo {
  int index = 0;
  std::string op;  // "tflite.CONV_2D" or "custom.NAME"
  int version = 1;
  std::vector<int> inputs;  // tensor indices, -1: optional and absent
  std::vector<int> outputs;
  std::vector<int> intermediates;  // tensors that only lend their quantization, -1: absent
  std::vector<std::byte> options;
  // Of the engine's own operators.
  std::vector<int> subgraphs;  // that it calls: IF then, else; WHILE cond, body; CALL_ONCE; STABLEHLO_COMPOSITE
  std::string container;       // VAR_HANDLE: with `variable`, what identifies a variable in all subgraphs
  std::string variable;
  std::string composite;  // STABLEHLO_COMPOSITE: its name

  // "CONV_2D", or the custom operator's name: for people.
  std::string ShortName() const;
};

struct Subgraph {
  std::string name;
  std::vector<TensorInfo> tensors;
  std::vector<OperatorInfo> operators;  // in execution order
  std::vector<int> inputs;              // tensor indices
  std::vector<int> outputs;
};

// A model file that passed every check: indices in range, operators in an order that defines tensors before use,
// buffers as long as shapes say, options of the right kind within their ranges. Immutable and therefore thread-safe.
class Model {
 public:
  // Reads and verifies `path`. Errors: kIo; kExhausted (a limit of `limits`); kInvalidModel with table, index and
  // field, such as "digits.tflite: tensors[3].buffer is 41, the file has 12 buffers".
  static Result<std::shared_ptr<const Model>> Load(const std::string& path, const Limits& limits = {});

  // The same for bytes in memory; `name` stands for the file in messages.
  static Result<std::shared_ptr<const Model>> Parse(std::vector<std::byte> bytes, const std::string& name,
                                                    const Limits& limits = {});

  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  ~Model();

  const std::string& path() const;
  const std::string& description() const;
  std::span<const std::byte> bytes() const;  // the whole file
  const std::string& sha256() const;         // "sha256:" and 64 hexadecimal digits, of the whole file; any thread
  const Subgraph& main() const;              // subgraph 0
  const std::vector<Subgraph>& subgraphs() const;
  // Content of the metadata entry `name`, empty when there is none. Untrusted bytes.
  std::span<const std::byte> metadata(const std::string& name) const;

 private:
  struct Impl;
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  friend class ModelReader;
};

}  // namespace glimpse
