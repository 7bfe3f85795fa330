// SPDX-License-Identifier: Apache-2.0
#include "opcheck/kernel_runner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>

#include "base/strings.h"

namespace glimpse::opcheck {
namespace {

constexpr const char* kInvoke = "invoke";
thread_local const char* running_call = nullptr;

// While it exists the host works, not the kernel that called it.
class InHost {
 public:
  InHost() : call_(std::exchange(running_call, nullptr)) {}
  ~InHost() { running_call = call_; }
  InHost(const InHost&) = delete;
  InHost& operator=(const InHost&) = delete;

 private:
  const char* call_;
};

// 64 mod 128: what the ABI promises and no more.
constexpr size_t kAlign = GLIMPSE_ALIGN;

// A block as the host's arena has it: bytes behind the content may be read.
std::unique_ptr<GuardedBlock> ArenaBlock(const std::string& name, size_t bytes, uint8_t poison,
                                         GuardedBlock::Place place = GuardedBlock::Place::kOdd) {
  auto block = std::make_unique<GuardedBlock>(name, bytes, GLIMPSE_TAIL_BYTES, kAlign, place);
  block->Fill(poison);
  return block;
}

}  // namespace

const char* RunningCall() { return running_call; }
bool InvokeRuns() { return running_call == kInvoke; }

KernelRunner::~KernelRunner() {
  if (kernel_ == nullptr) return;
  (void)Guarded("destroy", [&] {
    kernel_->destroy(kernel_);
    return GLIMPSE_OK;
  });
}

void KernelRunner::Problem(const std::string& text) {
  if (problem_.empty()) problem_ = text;
}

template <typename Function>
glimpse_status KernelRunner::Guarded(const char* what, Function function) {
  running_call = what;
  glimpse_status status = GLIMPSE_INTERNAL;
  try {
    status = function();
  } catch (const std::exception& error) {
    Problem(StrCat(what, "() let an exception out: ", Printable(error.what())));
  } catch (...) {
    Problem(StrCat(what, "() let an exception out"));
  }
  running_call = nullptr;
  if (status < GLIMPSE_OK || status > GLIMPSE_INTERNAL)
    Problem(StrCat(what, "() returned the unknown status ", status));
  return status;
}

std::optional<glimpse_status> KernelRunner::Call(const char* name, glimpse_status failure) {
  if (calls_++ != form_.failing_call) return std::nullopt;
  failed_call_ = name;
  return failure;
}

glimpse_status KernelRunner::SetShape(uint32_t output, uint32_t rank, const int32_t* dims) {
  if (const auto failed = Call("set_output_shape", GLIMPSE_INTERNAL)) return *failed;
  if (output >= shapes_.size() || rank > GLIMPSE_MAX_RANK || (rank > 0 && dims == nullptr) ||
      std::any_of(dims, dims + rank, [](int32_t dim) { return dim < 0; })) {
    Problem(StrCat("set_output_shape(", output, ") with rank ", rank, " is out of range"));
    return GLIMPSE_INTERNAL;
  }
  shapes_[output].assign(dims, dims + rank);
  shape_set_[output] = true;
  return GLIMPSE_OK;
}

glimpse_status KernelRunner::Persistent(size_t bytes, void** memory) {
  if (const auto failed = Call("persistent", GLIMPSE_NO_MEMORY)) return *failed;
  // More than any generated node needs.
  if (memory == nullptr || bytes > (size_t{1} << 30)) return GLIMPSE_NO_MEMORY;
  persistent_.push_back(ArenaBlock(StrCat("persistent block ", persistent_.size()), bytes, 0));
  *memory = persistent_.back()->data();
  return GLIMPSE_OK;
}

glimpse_status KernelRunner::Share(void** memory) {
  if (const auto failed = Call("share", GLIMPSE_INTERNAL)) return *failed;
  for (const auto& block : persistent_) {
    if (memory == nullptr || block->data() != *memory) continue;
    // Another address, as when another kernel has filled a block alike.
    auto copy = std::make_unique<GuardedBlock>("a block that was shared", block->size(), GLIMPSE_TAIL_BYTES, kAlign);
    copy->Write(block->Content());
    copy->Protect();
    if (const std::string damage = block->Damage(); !damage.empty()) Problem(StrCat("prepare(): ", damage));
    block->Retire();
    *memory = copy->data();
    persistent_.push_back(std::move(copy));
    return GLIMPSE_OK;
  }
  Problem("share() was given memory that persistent() did not give");
  return GLIMPSE_INTERNAL;
}

glimpse_prepare KernelRunner::Services() {
  glimpse_prepare services{};
  services.struct_size = sizeof(services);
  services.context = this;
  services.worker_count = form_.workers;
  services.set_error = [](void* context, const char* message) noexcept {
    if (message != nullptr) From(context).message_ = message;
  };
  services.set_output_shape = [](void* context, uint32_t output, uint32_t rank, const int32_t* dims) noexcept {
    return From(context).SetShape(output, rank, dims);
  };
  services.set_dynamic_output = [](void* context, uint32_t output) noexcept -> glimpse_status {
    KernelRunner& self = From(context);
    if (const auto failed = self.Call("set_dynamic_output", GLIMPSE_INTERNAL)) return *failed;
    if (output >= self.shapes_.size()) {
      self.Problem(StrCat("set_dynamic_output(", output, ") is out of range"));
      return GLIMPSE_INTERNAL;
    }
    self.shape_set_[output] = self.dynamic_[output] = true;
    return GLIMPSE_OK;
  };
  services.persistent = [](void* context, size_t bytes, void** memory) noexcept {
    return From(context).Persistent(bytes, memory);
  };
  services.scratch = [](void* context, size_t bytes, uint32_t* id) noexcept -> glimpse_status {
    KernelRunner& self = From(context);
    if (const auto failed = self.Call("scratch", GLIMPSE_NO_MEMORY)) return *failed;
    if (id == nullptr || bytes > (size_t{1} << 30)) return GLIMPSE_NO_MEMORY;
    *id = static_cast<uint32_t>(self.scratch_bytes_.size());
    self.scratch_bytes_.push_back(bytes);
    return GLIMPSE_OK;
  };
  services.allow_alias = [](void* context, uint32_t input, uint32_t output) noexcept -> glimpse_status {
    KernelRunner& self = From(context);
    if (const auto failed = self.Call("allow_alias", GLIMPSE_INTERNAL)) return *failed;
    if (input >= self.input_tensors_.size() || output >= self.shapes_.size()) {
      self.Problem(StrCat("allow_alias(", input, ", ", output, ") is out of range"));
      return GLIMPSE_INTERNAL;
    }
    self.aliases_.emplace_back(input, output);
    return GLIMPSE_OK;
  };
  services.report_work = [](void* context, uint64_t macs, uint64_t) noexcept -> glimpse_status {
    KernelRunner& self = From(context);
    if (const auto failed = self.Call("report_work", GLIMPSE_NO_MEMORY)) return *failed;
    self.macs_ = macs;
    return GLIMPSE_OK;
  };
  services.share = [](void* context, void** memory) noexcept { return From(context).Share(memory); };
  return services;
}

glimpse_status KernelRunner::Prepare(const Node& node, const PrepareForm& form) {
  node_ = &node;
  form_ = form;
  message_.clear();
  calls_ = 0;
  failed_call_ = nullptr;
  macs_ = 0;
  scratch_bytes_.clear();
  aliases_.clear();
  input_tensors_.clear();
  for (const NodeOperator& each : node.operators) {
    for (const NodeTensor& input : each.inputs) input_tensors_.push_back(&input);
  }
  shapes_.assign(node.outputs().size(), {});
  shape_set_.assign(shapes_.size(), false);
  dynamic_.assign(shapes_.size(), false);
  // The kernel may hold pointers into it until this call.
  persistent_.clear();
  shown_ = std::make_unique<ShownNode>(node, form.show);
  struct {
    glimpse_prepare services;
    uint8_t newer[64];
  } given = {Services(), {}};
  given.services.struct_size += static_cast<uint32_t>(std::min(form.show.struct_tail, sizeof(given.newer)));
  const glimpse_status status =
      Guarded("prepare", [&] { return kernel_->prepare(kernel_, shown_->node(), &given.services); });
  shown_->Retire();
  CheckBlocks(persistent_);
  if (status == GLIMPSE_OK && !std::all_of(shape_set_.begin(), shape_set_.end(), [](bool set) { return set; })) {
    Problem("prepare() succeeded without setting the shape of every output");
  }
  return status;
}

void KernelRunner::CheckBlocks(const std::vector<std::unique_ptr<GuardedBlock>>& blocks) {
  for (const auto& block : blocks) {
    if (block == nullptr) continue;
    if (const std::string damage = block->Damage(); !damage.empty()) Problem(damage);
  }
}

GuardedBlock* KernelRunner::AddInput(const NodeTensor& tensor, const InvokeForm& form, uint32_t index) {
  if (tensor.absent || form.null_inputs) {
    inputs_.push_back(nullptr);
    return nullptr;
  }
  inputs_.push_back(std::make_unique<GuardedBlock>(StrCat("input ", index), tensor.bytes.size(),
                                                   tensor.constant ? 0 : form.input_tail,
                                                   tensor.constant ? form_.show.constant_align : kAlign, form.place));
  inputs_.back()->Write(tensor.bytes);
  if (!tensor.variable) inputs_.back()->Protect();
  return inputs_.back().get();
}

glimpse_status KernelRunner::Resize(uint32_t output, uint32_t rank, const int32_t* dims, void** data) {
  const InHost in_host;
  if (output >= shapes_.size() || !dynamic_[output] || data == nullptr || rank > GLIMPSE_MAX_RANK ||
      (rank > 0 && dims == nullptr) || std::any_of(dims, dims + rank, [](int32_t dim) { return dim < 0; })) {
    Problem(StrCat("resize_output(", output, ") with rank ", rank,
                   " is out of range, or of an output that is not dynamic"));
    return GLIMPSE_INTERNAL;
  }
  shapes_[output].assign(dims, dims + rank);
  outputs_[output] = ArenaBlock(StrCat("output ", output), TensorBytes(node_->outputs()[output].dtype, shapes_[output]),
                                invoke_form_.output_poison, invoke_form_.place);
  *data = outputs_[output]->data();
  return GLIMPSE_OK;
}

void KernelRunner::Divide(uint32_t items, void (*task)(void* data, uint32_t item, uint32_t worker), void* data) {
  std::atomic<uint32_t> left = items;
  const auto work = [&](uint32_t worker) {
    running_call = kInvoke;
    // The last ones first: their order is the host's.
    for (uint32_t item = left.load(); item > 0;) {
      if (left.compare_exchange_weak(item, item - 1)) task(data, item - 1, worker);
    }
  };
  std::vector<std::jthread> threads;
  for (uint32_t worker = 1; worker < form_.workers; ++worker) threads.emplace_back(work, worker);
  work(0);
}

void KernelRunner::Alias(std::pair<uint32_t, uint32_t> pair, std::vector<const void*>* ins,
                         const std::vector<void*>& outs) {
  const auto [input, output] = pair;
  // As a host does it: not with memory that others need, nor where the sizes differ.
  if (inputs_[input] == nullptr || outputs_[output] == nullptr || input_tensors_[input]->constant) return;
  if (inputs_[input]->size() != outputs_[output]->size()) return;
  outputs_[output]->Write(input_tensors_[input]->bytes);
  (*ins)[input] = outs[output];
}

Made KernelRunner::Invoke(const InvokeForm& form) {
  inputs_.clear();
  outputs_.clear();
  scratch_.clear();
  invoke_form_ = form;
  std::vector<const void*> ins;
  for (uint32_t i = 0; i < input_tensors_.size(); ++i) {
    const GuardedBlock* block = AddInput(*input_tensors_[i], form, i);
    ins.push_back(block == nullptr ? nullptr : block->data());
  }
  std::vector<void*> outs;
  for (uint32_t i = 0; i < shapes_.size(); ++i) {
    outputs_.push_back(dynamic_[i]
                           ? nullptr
                           : ArenaBlock(StrCat("output ", i), TensorBytes(node_->outputs()[i].dtype, shapes_[i]),
                                        form.output_poison, form.place));
    outs.push_back(dynamic_[i] ? nullptr : outputs_.back()->data());
  }
  if (form.alias) Alias(aliases_.at(*form.alias), &ins, outs);
  std::vector<void*> scratch;
  for (const size_t bytes : scratch_bytes_) {
    scratch_.push_back(ArenaBlock(StrCat("scratch block ", scratch.size()), bytes, form.scratch_poison, form.place));
    scratch.push_back(scratch_.back()->data());
  }
  static const uint32_t kGoOn = 0;
  struct {
    glimpse_invoke invoke;
    uint8_t newer[64];
  } given{};
  given.invoke.struct_size =
      static_cast<uint32_t>(sizeof(glimpse_invoke) + std::min(form.struct_tail, sizeof(given.newer)));
  given.invoke.input_count = static_cast<uint32_t>(ins.size());
  given.invoke.output_count = static_cast<uint32_t>(outs.size());
  given.invoke.scratch_count = static_cast<uint32_t>(scratch.size());
  given.invoke.inputs = ins.data();
  given.invoke.outputs = outs.data();
  given.invoke.scratch = scratch.data();
  given.invoke.should_stop = &kGoOn;
  given.invoke.context = this;
  given.invoke.set_error = [](void* context, const char* text) noexcept {
    const InHost in_host;
    if (text != nullptr) From(context).message_ = text;
  };
  given.invoke.resize_output = [](void* context, uint32_t output, uint32_t rank, const int32_t* dims,
                                  void** data) noexcept { return From(context).Resize(output, rank, dims, data); };
  if (form_.workers > 1) {
    given.invoke.parallel = [](void* context, uint32_t items, void (*task)(void*, uint32_t, uint32_t),
                               void* data) noexcept { From(context).Divide(items, task, data); };
  }
  Made made;
  made.status = Guarded(kInvoke, [&] { return kernel_->invoke(kernel_, &given.invoke); });
  for (const auto* blocks : {&inputs_, &outputs_, &scratch_, &persistent_}) CheckBlocks(*blocks);
  if (made.status != GLIMPSE_OK) return made;
  for (const auto& output : outputs_) {
    if (output == nullptr) Problem("invoke() succeeded without resize_output() of a dynamic output");
    made.outputs.push_back(output == nullptr ? std::vector<uint8_t>() : output->Content());
  }
  made.shapes = shapes_;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (input_tensors_[i]->variable && inputs_[i] != nullptr) made.outputs.push_back(inputs_[i]->Content());
  }
  return made;
}

void KernelRunner::Reset() {
  if (kernel_->reset == nullptr) return;
  (void)Guarded("reset", [&] {
    kernel_->reset(kernel_);
    return GLIMPSE_OK;
  });
}

}  // namespace glimpse::opcheck
