// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/support/op_runner.h"

#include <gtest/gtest.h>

#include <cstdlib>

extern "C" const glimpse_op_plugin_entry glimpse_op_plugin;

namespace glimpse::testkit {
namespace {

constexpr size_t kGuard = 64;
constexpr uint8_t kGuardByte = 0xA5;

size_t ElementBytes(glimpse_dtype dtype) {
  switch (dtype) {
    case GLIMPSE_INT8:
    case GLIMPSE_UINT8:
    case GLIMPSE_BOOL:
      return 1;
    case GLIMPSE_INT64:
      return 8;
    case GLIMPSE_INT16:
    case GLIMPSE_UINT16:
    case GLIMPSE_FLOAT16:
      return 2;
    default:
      return 4;
  }
}

const glimpse_op_factory& Factory() {
  static const auto* const factory =
      static_cast<const glimpse_op_factory*>(glimpse_op_plugin.get_factory(GLIMPSE_OP_FACTORY_ID));
  return *factory;
}

}  // namespace

OpTensor Int8(std::vector<int32_t> dims, float scale, int64_t zero_point, const std::vector<int8_t>& content) {
  OpTensor tensor;
  tensor.dims = std::move(dims);
  tensor.scales = {scale};
  tensor.zero_points = {zero_point};
  tensor.Content(content);
  return tensor;
}

OpTensor Const32(std::vector<int32_t> dims, const std::vector<int32_t>& content) {
  OpTensor tensor;
  tensor.dtype = GLIMPSE_INT32;
  tensor.dims = std::move(dims);
  tensor.scales = {};
  tensor.zero_points = {};
  tensor.constant = true;
  tensor.Content(content);
  return tensor;
}

OpRunner::OpRunner(std::string op, std::string numerics) : op_(std::move(op)), numerics_(std::move(numerics)) {
  for (uint32_t i = 0; i < Factory().count; ++i) {
    if (op_ == Factory().descriptor(&Factory(), i)->ops[0]) {
      EXPECT_EQ(Factory().create(&Factory(), i, &kernel_), GLIMPSE_OK);
    }
  }
  EXPECT_NE(kernel_, nullptr) << op_ << " is not offered";
}

OpRunner::OpRunner(std::string op, std::string numerics, sdk::MakeKernel make, uint32_t operators)
    : op_(std::move(op)), numerics_(std::move(numerics)) {
  EXPECT_EQ(sdk::internal::Create(make, operators, &kernel_), GLIMPSE_OK);
}

OpRunner::~OpRunner() {
  if (kernel_ != nullptr) kernel_->destroy(kernel_);
}

void OpRunner::Expect(glimpse_status status) { EXPECT_EQ(status, GLIMPSE_OK); }

const glimpse_tensor* OpRunner::View(const OpTensor& tensor) {
  if (tensor.absent) return nullptr;
  size_t size = ElementBytes(tensor.dtype);
  for (const int32_t dim : tensor.dims) size *= static_cast<size_t>(dim);
  glimpse_tensor view{};
  view.struct_size = sizeof(view);
  view.dtype = tensor.dtype;
  view.flags = tensor.constant ? GLIMPSE_TENSOR_CONST : 0;
  if (tensor.variable) view.flags |= GLIMPSE_TENSOR_VARIABLE;
  view.rank = static_cast<uint32_t>(tensor.dims.size());
  view.dims = tensor.dims.data();
  view.data = tensor.constant ? tensor.bytes.data() : nullptr;
  view.size_bytes = view.readable_bytes = size;
  view.scale_count = static_cast<uint32_t>(tensor.scales.size());
  view.quant_axis = tensor.axis;
  view.scales = tensor.scales.data();
  view.zero_points = tensor.zero_points.data();
  view.name = "t";
  views_.push_back(view);
  return &views_.back();
}

uint8_t* OpRunner::Block(size_t size) {
  std::vector<uint8_t>& block = blocks_.emplace_back(size + 2 * kGuard + GLIMPSE_ALIGN, kGuardByte);
  block_sizes_.push_back(size);
  const auto address = reinterpret_cast<uintptr_t>(block.data()) + kGuard;
  return block.data() + kGuard + (GLIMPSE_ALIGN - address % GLIMPSE_ALIGN) % GLIMPSE_ALIGN;
}

const uint8_t* OpRunner::Exact(const std::vector<uint8_t>& bytes) {
  void* copy = nullptr;
  if (::posix_memalign(&copy, GLIMPSE_ALIGN, bytes.size()) != 0) ADD_FAILURE() << "out of memory";
  exact_.emplace_back(static_cast<uint8_t*>(copy), std::free);
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  return exact_.back().get();
}

void OpRunner::CheckGuards() const {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const std::vector<uint8_t>& block = blocks_[i];
    const auto address = reinterpret_cast<uintptr_t>(block.data()) + kGuard;
    const size_t start = kGuard + (GLIMPSE_ALIGN - address % GLIMPSE_ALIGN) % GLIMPSE_ALIGN;
    for (size_t at = 0; at < block.size(); ++at) {
      const bool guard = at < start || at >= start + block_sizes_[i];
      if (guard) {
        ASSERT_EQ(block[at], kGuardByte) << op_ << " wrote outside of block " << i << " at " << at;
      }
    }
  }
}

void OpRunner::Show(const std::string& op, const std::vector<uint8_t>& options, Shown& to) {
  to.view.struct_size = sizeof(to.view);
  to.view.op = op.c_str();
  to.view.version = 1;
  to.view.options = options.empty() ? nullptr : options.data();
  to.view.options_size = static_cast<uint32_t>(options.size());
  to.view.input_count = static_cast<uint32_t>(to.inputs.size());
  to.view.output_count = 1;
  to.view.inputs = to.inputs.data();
  to.view.outputs = &to.output;
}

glimpse_status OpRunner::Prepare() {
  views_.clear();
  blocks_.clear();
  block_sizes_.clear();
  exact_.clear();
  scratch_.clear();
  message_.clear();
  std::deque<Shown> shown(1 + further_.size());
  std::vector<const glimpse_operator*> ops;
  for (const OpTensor& input : inputs) shown[0].inputs.push_back(View(input));
  for (size_t i = 0; i < further_.size(); ++i) {
    shown[i].output = View(further_[i].link);
    shown[i + 1].inputs.push_back(shown[i].output);
    for (const OpTensor& input : further_[i].more) shown[i + 1].inputs.push_back(View(input));
  }
  shown.back().output = View(output);
  for (size_t i = 0; i < shown.size(); ++i) {
    Show(i == 0 ? op_ : further_[i - 1].op, i == 0 ? options_ : further_[i - 1].options, shown[i]);
    ops.push_back(&shown[i].view);
  }
  const glimpse_node node{sizeof(node), static_cast<uint32_t>(ops.size()), ops.data(), numerics_.c_str()};
  glimpse_prepare services{};
  services.struct_size = sizeof(services);
  services.context = this;
  services.set_error = [](void* context, const char* text) { static_cast<OpRunner*>(context)->message_ = text; };
  services.set_output_shape = [](void* context, uint32_t, uint32_t rank, const int32_t* dims) -> glimpse_status {
    static_cast<OpRunner*>(context)->shape_.assign(dims, dims + rank);
    return GLIMPSE_OK;
  };
  services.persistent = [](void* context, size_t bytes, void** memory) -> glimpse_status {
    *memory = static_cast<OpRunner*>(context)->Block(bytes);
    std::memset(*memory, 0, bytes);
    return GLIMPSE_OK;
  };
  services.share = [](void*, void**) -> glimpse_status { return GLIMPSE_OK; };
  services.scratch = [](void* context, size_t bytes, uint32_t* id) -> glimpse_status {
    auto& sizes = static_cast<OpRunner*>(context)->scratch_;
    *id = static_cast<uint32_t>(sizes.size());
    sizes.push_back(bytes);
    return GLIMPSE_OK;
  };
  services.allow_alias = [](void*, uint32_t, uint32_t) -> glimpse_status { return GLIMPSE_OK; };
  services.report_work = [](void* context, uint64_t macs, uint64_t) -> glimpse_status {
    static_cast<OpRunner*>(context)->macs_ = macs;
    return GLIMPSE_OK;
  };
  return kernel_->prepare(kernel_, &node, &services);
}

std::vector<uint8_t> OpRunner::InvokeOnce(uint8_t poison) {
  std::vector<const void*> ins;
  for (const OpTensor& input : inputs) {
    if (input.absent || !input.variable) {
      ins.push_back(input.absent ? nullptr : Exact(input.bytes));
      continue;
    }
    uint8_t* copy = Block(input.bytes.size());  // it may be written
    if (!input.bytes.empty()) std::memcpy(copy, input.bytes.data(), input.bytes.size());
    ins.push_back(copy);
  }
  for (const Further& further : further_) {
    for (const OpTensor& input : further.more) ins.push_back(Exact(input.bytes));
  }
  size_t size = ElementBytes(output.dtype);
  for (const int32_t dim : shape_) size *= static_cast<size_t>(dim);
  uint8_t* result = Block(size);
  std::memset(result, poison, size);
  void* outs[] = {result};
  std::vector<void*> scratch;
  for (const size_t bytes : scratch_) {
    scratch.push_back(Block(bytes));
    std::memset(scratch.back(), poison, bytes);
  }
  glimpse_invoke invoke{};
  invoke.struct_size = sizeof(invoke);
  invoke.input_count = static_cast<uint32_t>(ins.size());
  invoke.output_count = 1;
  invoke.scratch_count = static_cast<uint32_t>(scratch.size());
  invoke.inputs = ins.data();
  invoke.outputs = outs;
  invoke.scratch = scratch.data();
  invoke.context = this;
  invoke.set_error = [](void* context, const char* text) { static_cast<OpRunner*>(context)->message_ = text; };
  invoke_status_ = kernel_->invoke(kernel_, &invoke);
  CheckGuards();
  return {result, result + size};
}

glimpse_status OpRunner::InvokeStatus() {
  InvokeOnce(0x5A);
  return invoke_status_;
}

std::vector<uint8_t> OpRunner::Invoke() {
  std::vector<uint8_t> first = InvokeOnce(0x5A);
  EXPECT_EQ(invoke_status_, GLIMPSE_OK) << message_;
  EXPECT_EQ(first, InvokeOnce(0xC3)) << op_ << " leaves bytes of its output unwritten";
  return first;
}

}  // namespace glimpse::testkit
