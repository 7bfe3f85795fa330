// SPDX-License-Identifier: Apache-2.0
#include "engine/run/tensor_memory.h"

#include <algorithm>

#include "engine/run/memory_plan.h"

namespace glimpse {
namespace {

constexpr int kNoRequest = -1;

// Turns the graph into requests for PlanMemory(). Step i is operator i; -1 is before the first, n after the last.
class LifetimePlanner {
 public:
  LifetimePlanner(const Subgraph& graph, const BoundGraph& bound, bool preserve_all)
      : graph_(graph),
        bound_(bound),
        preserve_all_(preserve_all),
        end_(static_cast<int>(graph.operators.size())),
        request_of_(graph.tensors.size(), kNoRequest),
        last_use_(graph.tensors.size(), kNoRequest) {}

  void Plan() {
    FindLastUses();
    for (const int index : graph_.inputs) Begin(index, -1);
    for (int step = 0; step < end_; ++step) PlanOperator(step);
    for (size_t index = 0; index < request_of_.size(); ++index) {
      if (request_of_[index] == kNoRequest) continue;
      BufferRequest& request = requests_[static_cast<size_t>(request_of_[index])];
      request.last = std::max(request.last, last_use_[index]);
    }
  }

  const std::vector<BufferRequest>& requests() const { return requests_; }
  int request_of(size_t tensor) const { return request_of_[tensor]; }
  // Requests of operator `step`'s scratch start here and are consecutive.
  size_t first_scratch(size_t step) const { return first_scratch_[step]; }

 private:
  void FindLastUses() {
    for (int step = 0; step < end_; ++step) {
      for (const int index : bound_.operators[static_cast<size_t>(step)].inputs) {
        if (index >= 0) last_use_[static_cast<size_t>(index)] = step;
      }
    }
    for (const int index : graph_.outputs) last_use_[static_cast<size_t>(index)] = end_;
  }

  bool InArena(int index) const {
    const TensorState& state = bound_.tensors[static_cast<size_t>(index)];
    return !state.is_constant && !state.is_dynamic && !state.info->is_variable;
  }

  void Begin(int index, int step) {
    const auto tensor = static_cast<size_t>(index);
    if (!InArena(index) || request_of_[tensor] != kNoRequest) return;
    BufferRequest request{bound_.tensors[tensor].size_bytes, step, step};
    if (preserve_all_) request = {request.bytes, -1, end_};
    request_of_[tensor] = static_cast<int>(requests_.size());
    requests_.push_back(request);
  }

  void PlanOperator(int step) {
    const auto index = static_cast<size_t>(step);
    const BoundOperator& op = bound_.operators[index];
    if (!preserve_all_) {
      for (const auto& [input, output] : op.aliases) TryAlias(op, step, input, output);
    }
    for (const int output : op.outputs) Begin(output, step);
    first_scratch_.push_back(requests_.size());
    if (op.plan.folded) return;
    for (const size_t bytes : op.scratch_bytes) requests_.push_back({bytes, step, step});
  }

  // The output takes over its input's memory when nobody needs the input afterwards.
  void TryAlias(const BoundOperator& op, int step, uint32_t input, uint32_t output) {
    const int from = op.inputs[input];
    const int to = op.outputs[output];
    if (from < 0 || !InArena(from) || !InArena(to)) return;
    const auto source = static_cast<size_t>(from);
    const auto target = static_cast<size_t>(to);
    if (request_of_[source] == kNoRequest || request_of_[target] != kNoRequest) return;
    if (last_use_[source] != step || std::count(op.inputs.begin(), op.inputs.end(), from) != 1) return;
    if (bound_.tensors[source].size_bytes != bound_.tensors[target].size_bytes) return;
    const bool taken = std::any_of(op.outputs.begin(), op.outputs.end(), [&](int other) {
      return request_of_[static_cast<size_t>(other)] == request_of_[source];
    });
    if (!taken) request_of_[target] = request_of_[source];
  }

  const Subgraph& graph_;
  const BoundGraph& bound_;
  bool preserve_all_;
  int end_;
  std::vector<int> request_of_;
  std::vector<int> last_use_;
  std::vector<BufferRequest> requests_;
  std::vector<size_t> first_scratch_;
};

}  // namespace

Result<TensorMemory> AllocateTensors(const Subgraph& graph, const BoundGraph& bound, bool preserve_all,
                                     size_t max_bytes) {
  LifetimePlanner planner(graph, bound, preserve_all);
  planner.Plan();
  GLIMPSE_ASSIGN_OR_RETURN(const MemoryPlan plan, PlanMemory(planner.requests(), max_bytes));
  TensorMemory memory;
  GLIMPSE_ASSIGN_OR_RETURN(memory.arena, AlignedMemory::Allocate(plan.arena_bytes));
  std::byte* const base = memory.arena.bytes().data();

  memory.tensors.resize(graph.tensors.size(), nullptr);
  for (size_t index = 0; index < graph.tensors.size(); ++index) {
    if (graph.tensors[index].is_variable && !bound.tensors[index].is_constant) {
      GLIMPSE_ASSIGN_OR_RETURN(auto block, AlignedMemory::Allocate(bound.tensors[index].size_bytes));
      memory.tensors[index] = block.bytes().data();
      memory.variables.push_back(std::move(block));
    } else if (const int request = planner.request_of(index); request != kNoRequest) {
      memory.tensors[index] = base + plan.offsets[static_cast<size_t>(request)];
    }
  }
  for (size_t step = 0; step < bound.operators.size(); ++step) {
    std::vector<std::byte*>& blocks = memory.scratch.emplace_back();
    if (bound.operators[step].plan.folded) continue;
    for (size_t id = 0; id < bound.operators[step].scratch_bytes.size(); ++id) {
      blocks.push_back(base + plan.offsets[planner.first_scratch(step) + id]);
    }
  }
  return memory;
}

}  // namespace glimpse
