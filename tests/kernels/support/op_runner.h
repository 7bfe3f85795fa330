// SPDX-License-Identifier: Apache-2.0
// A small host of the operator ABI for tests: one operator through the plugin `reference` or a kernel of one's own, or
// a chain through one kernel, with guards around every buffer.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "glimpse/op_abi.h"
#include "glimpse/op_options.h"
#include "glimpse/sdk/kernel.h"

namespace glimpse::testkit {

struct OpTensor {
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
  OpTensor& Content(const std::vector<T>& values) {
    bytes.resize(values.size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return *this;
  }
};

// int8 with one scale.
OpTensor Int8(std::vector<int32_t> dims, float scale, int64_t zero_point, const std::vector<int8_t>& content = {});
// Constant without quantization.
OpTensor Const32(std::vector<int32_t> dims, const std::vector<int32_t>& content);

class OpRunner {
 public:
  OpRunner(std::string op, std::string numerics = "litert-reference");
  // A kernel that `make` makes, in place of the plugin's, for a chain of so many operators, of which `op` is the first.
  OpRunner(std::string op, std::string numerics, sdk::MakeKernel make, uint32_t operators = 1);
  ~OpRunner();
  OpRunner(const OpRunner&) = delete;
  OpRunner& operator=(const OpRunner&) = delete;

  std::vector<OpTensor> inputs;
  OpTensor output;
  template <typename Options>
  void SetOptions(Options options) {
    options.struct_size = sizeof(options);
    options_.resize(sizeof(options));
    std::memcpy(options_.data(), &options, sizeof(options));
  }
  // A further operator of the chain: its first input is what has been `output` so far, `more` follow.
  template <typename Options>
  void Then(std::string op, Options options, OpTensor to, std::vector<OpTensor> more = {}) {
    options.struct_size = sizeof(options);
    std::vector<uint8_t> bytes(sizeof(options));
    std::memcpy(bytes.data(), &options, sizeof(options));
    further_.push_back({std::move(op), std::move(bytes), std::move(output), std::move(more)});
    output = std::move(to);
  }

  glimpse_status Prepare();
  // Invokes twice on outputs with different poison; fails the test when they disagree or a guard byte changed.
  std::vector<uint8_t> Invoke();
  // What one invoke answers; guards are checked, the output is not. For content that is refused at run time.
  glimpse_status InvokeStatus();
  // Prepare, which must succeed, then Invoke; the output's content as T.
  template <typename T = int8_t>
  std::vector<T> Run() {
    Expect(Prepare());
    const std::vector<uint8_t> bytes = Invoke();
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  const std::string& message() const { return message_; }
  const std::vector<int32_t>& shape() const { return shape_; }
  uint64_t macs() const { return macs_; }

 private:
  struct Further {
    std::string op;
    std::vector<uint8_t> options;
    OpTensor link;
    std::vector<OpTensor> more;
  };
  // One operator as the kernel sees it.
  struct Shown {
    std::vector<const glimpse_tensor*> inputs;
    const glimpse_tensor* output = nullptr;
    glimpse_operator view{};
  };
  void Show(const std::string& op, const std::vector<uint8_t>& options, Shown& to);

  static void Expect(glimpse_status status);
  const glimpse_tensor* View(const OpTensor& tensor);
  uint8_t* Block(size_t size);  // with guards
  // A copy without a byte behind it, so that the address sanitizer sees what reads there.
  const uint8_t* Exact(const std::vector<uint8_t>& bytes);
  void CheckGuards() const;
  std::vector<uint8_t> InvokeOnce(uint8_t poison);

  std::string op_;
  std::string numerics_;
  std::vector<uint8_t> options_;
  std::vector<Further> further_;
  glimpse_kernel* kernel_ = nullptr;
  std::string message_;
  glimpse_status invoke_status_ = GLIMPSE_OK;
  std::vector<int32_t> shape_;
  uint64_t macs_ = 0;
  std::deque<glimpse_tensor> views_;
  std::deque<std::vector<uint8_t>> blocks_;
  std::vector<size_t> block_sizes_;
  std::vector<std::unique_ptr<uint8_t, void (*)(void*)>> exact_;
  std::vector<size_t> scratch_;
};

}  // namespace glimpse::testkit
