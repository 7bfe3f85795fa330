// SPDX-License-Identifier: Apache-2.0
// Shows operators and tensors to plugins as the C structs of the ABI.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// What is known of a tensor while operators are being prepared.
struct TensorState {
  const TensorInfo* info = nullptr;
  std::vector<int32_t> shape;           // the file's claim until the producing kernel has set it
  size_t size_bytes = 0;                // of `shape`
  const std::byte* constant = nullptr;  // content, once it is known
  bool is_constant = false;
  bool is_dynamic = false;  // the shape may change from invoke to invoke
};

// A glimpse_node with everything it points to. Not copyable: the structs point into it. The pointers are good while the
// model, `states` and `numerics` are.
class NodeView {
 public:
  NodeView(std::span<const OperatorInfo* const> operators, std::span<const TensorState> states,
           const std::string& numerics);
  NodeView(const NodeView&) = delete;
  NodeView& operator=(const NodeView&) = delete;

  const glimpse_node& node() const { return node_; }

 private:
  // One operator; not movable once its lists are filled.
  struct Operator {
    std::vector<glimpse_tensor> tensors;
    std::vector<const glimpse_tensor*> lists;  // inputs, outputs, intermediates
    glimpse_operator view{};
  };

  static void Fill(const OperatorInfo& op, std::span<const TensorState> states, Operator& to);

  std::vector<Operator> operators_;
  std::vector<const glimpse_operator*> views_;
  glimpse_node node_{};
};

}  // namespace glimpse
