// SPDX-License-Identifier: Apache-2.0
// Nodes as data: operators with their tensors and content, and how a kernel is shown them through the C structs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "glimpse/op_abi.h"
#include "opcheck/guarded_block.h"

namespace glimpse::opcheck {

// One tensor, dense and row-major. int8 with one scale unless said otherwise.
struct NodeTensor {
  glimpse_dtype dtype = GLIMPSE_INT8;
  std::vector<int32_t> dims;
  std::vector<float> scales{1.0F};  // empty: not quantized
  std::vector<int64_t> zero_points{0};
  int32_t axis = 0;
  bool constant = false;
  bool absent = false;
  bool variable = false;
  std::vector<uint8_t> bytes;  // content: at prepare when constant, at invoke otherwise

  template <typename T>
  NodeTensor& Content(const std::vector<T>& values) {
    bytes.resize(values.size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return *this;
  }
  // "int8[1,7,5,3]"
  std::string Describe() const;
};

// Bytes that a tensor of this type and shape has.
size_t TensorBytes(glimpse_dtype dtype, const std::vector<int32_t>& dims);

struct NodeOperator {
  std::string op;  // "tflite.CONV_2D"
  int32_t version = 1;
  std::vector<uint8_t> options = {};
  // Without the link, which is input 0 of an operator behind another.
  std::vector<NodeTensor> inputs = {};
  std::vector<NodeTensor> outputs = {};  // of all but the last operator: one, the link

  template <typename Options>
  void SetOptions(Options given) {
    given.struct_size = sizeof(given);
    options.resize(sizeof(given));
    std::memcpy(options.data(), &given, sizeof(given));
  }
};

// What one kernel computes: an operator, or a chain.
struct Node {
  std::string numerics = "litert-reference";
  std::vector<NodeOperator> operators;

  const std::vector<NodeTensor>& outputs() const { return operators.back().outputs; }
  // "CONV_2D int8[1,7,5,3] int8[4,3,3,3] + MAX_POOL_2D, litert-reference", for messages.
  std::string Describe() const;
};

// Ways of showing a node that the ABI allows, and that few hosts use.
struct ShowForm {
  // Constants lie at a multiple of this: 16 at least.
  size_t constant_align = GLIMPSE_ALIGN;
  GuardedBlock::Place place = GuardedBlock::Place::kOdd;
  bool names = true;
  bool options = true;
  // Bytes that a newer host's structs have behind ours.
  size_t struct_tail = 0;
};

// A glimpse_node with all it points to, good for one prepare(). Not copyable: the structs point into it.
class ShownNode {
 public:
  ShownNode(const Node& node, const ShowForm& form);
  ShownNode(const ShownNode&) = delete;
  ShownNode& operator=(const ShownNode&) = delete;

  const glimpse_node* node() const { return node_; }
  // After prepare(): content is no longer there, as the ABI says; who touches it crashes.
  void Retire();

 private:
  // A zeroed struct of the ABI, with the tail of a newer host's.
  template <typename T>
  T* Make() {
    constexpr size_t kUnit = sizeof(std::max_align_t);
    auto& storage = structs_.emplace_back((sizeof(T) + form_.struct_tail + kUnit - 1) / kUnit);
    std::memset(storage.data(), 0x5A, storage.size() * kUnit);
    T* made = new (storage.data()) T{};
    made->struct_size = static_cast<uint32_t>(sizeof(T) + form_.struct_tail);
    return made;
  }
  const glimpse_tensor* View(const NodeTensor& tensor, const std::string& name);

  ShowForm form_;
  std::deque<std::vector<std::max_align_t>> structs_;
  std::deque<std::vector<const glimpse_tensor*>> lists_;
  std::deque<std::string> names_;
  std::vector<std::unique_ptr<GuardedBlock>> constants_;
  std::vector<const glimpse_operator*> operators_;
  glimpse_node* node_ = nullptr;
};

}  // namespace glimpse::opcheck
