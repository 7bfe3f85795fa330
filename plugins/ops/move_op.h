// SPDX-License-Identifier: Apache-2.0
// What operators share that move data as lists of integers tell them: where to begin, how often, in which order.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "plugins/ops/checks.h"

namespace glimpse::ops {

// Such a list: int32 or int64, constant, or read anew in each Invoke.
class IndexArgument {
 public:
  // Invalid unless present, of those types, with elements that fit into a small list.
  Status Prepare(const Tensor& tensor, std::string_view what);
  bool is_constant() const { return is_constant_; }
  // Takes over the content of the tensor that Prepare saw.
  void Load(const void* content);

  std::span<const int64_t> values() const { return values_; }
  int64_t operator[](size_t i) const { return values_[i]; }
  size_t size() const { return values_.size(); }
  std::span<const int32_t> dims() const { return dims_; }

 private:
  glimpse_dtype type_ = GLIMPSE_INT32;
  bool is_constant_ = false;
  std::vector<int64_t> values_;
  std::vector<int32_t> dims_;
};

// An operator of one output that depends on its inputs' shapes and on arguments. When these are constant, the output's
// shape is set in Prepare, and otherwise in Invoke.
class MoveOp : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) final;
  Status Invoke(const sdk::InvokeContext& context) final;

 protected:
  // What does not depend on arguments; calls TakeInput() and TakeArgument().
  virtual Status Check(const PrepareContext& context) = 0;
  // Judges the arguments, sets the kernel's parameters and the output's shape. [control] or [worker].
  virtual Status Plan(std::vector<int64_t>* output_dims) = 0;
  virtual Status Move(const sdk::InvokeContext& context, void* output) = 0;

  // The input whose elements are moved: its type is the output's.
  Status TakeInput(const PrepareContext& context, uint32_t input);
  Status TakeArgument(const PrepareContext& context, uint32_t input, std::string_view what);
  // In the order of TakeArgument().
  const IndexArgument& argument(size_t i) const { return arguments_[i].list; }

  std::vector<int64_t> dims_;  // of the moved input
  size_t element_bytes_ = 1;
  size_t output_bytes_ = 0;  // known when Move is called

  // Distance in bytes between neighbours along dimension `d` of the moved input.
  int64_t Stride(size_t d) const;

 private:
  struct Argument {
    uint32_t input;
    IndexArgument list;
  };
  Status SetOutputBytes(const std::vector<int64_t>& dims);

  std::vector<Argument> arguments_;
  bool is_dynamic_ = false;
};

// Unsupported unless the runtime that the profile names has this operator for elements of the type of `moved`.
Status RequireServed(const PrepareContext& context, const Tensor& moved);

// RequireServed, and unsupported unless both have the same type, one with bytes of its own (not int4). Scales and zero
// points are not looked at: the runtimes move stored values, whatever the tensors say they stand for.
Status RequireMovable(const PrepareContext& context, const Tensor& input, const Tensor& output);

}  // namespace glimpse::ops
