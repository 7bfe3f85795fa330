// SPDX-License-Identifier: Apache-2.0
#include "opcheck/subject.h"

#include <stdexcept>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "opcheck/generate.h"

namespace glimpse::opcheck {
namespace {

// The profiles that the kernel is held to: its own, or the reference's.
std::vector<std::string> Profiles(const glimpse_op_descriptor& offer) {
  std::vector<std::string> names;
  for (const char* const* name = offer.numerics; name != nullptr && *name != nullptr; ++name) names.emplace_back(*name);
  if (names.empty()) names = {"litert-reference", "tflite-micro", "litert-xnnpack"};
  return names;
}

bool Honours(const glimpse_op_descriptor& offer, const std::string& profile) {
  for (const std::string& each : Profiles(offer)) {
    if (each == profile) return true;
  }
  return false;
}

std::optional<uint32_t> FindKernel(const Plugin& plugin, std::string_view op, const std::string* profile) {
  for (uint32_t i = 0; i < plugin.descriptors().size(); ++i) {
    const glimpse_op_descriptor& offer = plugin.descriptors()[i];
    if (offer.op_count == 1 && op == offer.ops[0] && (profile == nullptr || Honours(offer, *profile))) return i;
  }
  return std::nullopt;
}

// FNV-1a.
uint32_t Hash(std::string_view text, uint32_t from) {
  uint32_t hash = 2166136261u ^ from;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

// What operator `position` of the node makes, its first input being `link` unless that is nullptr.
std::optional<Made> RunOperator(const Plugin& reference, const Node& node, size_t position, const NodeTensor* link) {
  Node alone;
  alone.numerics = node.numerics;
  alone.operators = {node.operators[position]};
  if (link != nullptr) alone.operators[0].inputs.insert(alone.operators[0].inputs.begin(), *link);
  const auto kernel = FindKernel(reference, alone.operators[0].op, &node.numerics);
  if (!kernel) return std::nullopt;
  const auto runner = NewRunner(reference, *kernel);
  if (runner->Prepare(alone) != GLIMPSE_OK) return std::nullopt;
  return runner->Invoke();
}

// Output 0 of an operator as the next one's input.
NodeTensor Link(const NodeTensor& claimed, const Made& made) {
  NodeTensor link = claimed;
  link.dims = made.shapes[0];
  link.bytes = made.outputs[0];
  return link;
}

// A node of a model with new content.
Node Filled(Node node, Random& random) {
  for (NodeOperator& op : node.operators) {
    for (NodeTensor& input : op.inputs) {
      if (input.constant || input.absent) continue;
      input.bytes = AnyTensor(input.dtype, input.dims, random).bytes;
    }
  }
  return node;
}

}  // namespace

std::unique_ptr<KernelRunner> NewRunner(const Plugin& plugin, uint32_t index) {
  glimpse_kernel* kernel = nullptr;
  const glimpse_op_factory& factory = plugin.factory();
  const glimpse_status status = factory.create(&factory, index, &kernel);
  if (status != GLIMPSE_OK) throw std::runtime_error(StrCat("create() returned status ", status));
  if (kernel == nullptr) throw std::runtime_error("create() handed out no kernel");
  if (kernel->struct_size < sizeof(glimpse_kernel) || kernel->prepare == nullptr || kernel->invoke == nullptr ||
      kernel->destroy == nullptr) {
    throw std::runtime_error(
        "create() handed out a kernel without prepare, invoke or destroy, or one that is too short");
  }
  return std::make_unique<KernelRunner>(kernel);
}

bool ReferenceHasAll(const Subject& subject) {
  const glimpse_op_descriptor& offer = subject.offer();
  for (uint32_t i = 0; i < offer.op_count; ++i) {
    if (subject.reference == nullptr || !FindKernel(*subject.reference, offer.ops[i], nullptr)) return false;
  }
  return true;
}

std::optional<Node> GenerateNode(const Subject& subject, uint32_t number) {
  const glimpse_op_descriptor& offer = subject.offer();
  Random random(Hash(offer.ops[0], subject.seed * 1000003u + number));
  const std::vector<std::string> profiles = Profiles(offer);
  Node node;
  if (number < subject.given.size() * kContents) node = Filled(subject.given[number / kContents], random);
  node.numerics = profiles[number % profiles.size()];
  if (!node.operators.empty()) return node;
  std::optional<NodeTensor> link;
  for (uint32_t i = 0; i < offer.op_count; ++i) {
    const bool last = i + 1 == offer.op_count;
    // Of the operators behind the first nothing is told but the name: what the reference takes is what they take.
    uint64_t types = offer.input_types;
    uint32_t inputs_min = offer.input_min;
    uint32_t inputs_max = offer.input_max;
    if (i > 0) {
      const auto kernel = FindKernel(*subject.reference, offer.ops[i], nullptr);
      if (!kernel) return std::nullopt;
      const glimpse_op_descriptor& alone = subject.reference->descriptors()[*kernel];
      types = alone.input_types;
      inputs_min = alone.input_min;
      inputs_max = alone.input_max;
    }
    node.operators.push_back(GenerateOperator(offer.ops[i], types, inputs_min, inputs_max, last ? offer.output_min : 1,
                                              link ? &*link : nullptr, random));
    NodeOperator& op = node.operators.back();
    op.version = i > 0 ? 1 : number % 2 == 0 ? offer.op_version_min : offer.op_version_max;
    if (last) break;
    if (subject.reference == nullptr) return std::nullopt;
    const auto made = RunOperator(*subject.reference, node, i, link ? &*link : nullptr);
    if (!made || made->status != GLIMPSE_OK) return std::nullopt;
    op.outputs[0].dims = made->shapes[0];
    link = Link(op.outputs[0], *made);
  }
  return node;
}

std::optional<Made> RunReference(const Subject& subject, const Node& node) {
  if (subject.reference == nullptr) return std::nullopt;
  std::optional<NodeTensor> link;
  std::optional<Made> made;
  for (size_t i = 0; i < node.operators.size(); ++i) {
    made = RunOperator(*subject.reference, node, i, link ? &*link : nullptr);
    if (!made || made->status != GLIMPSE_OK) return made;
    if (i + 1 < node.operators.size()) link = Link(node.operators[i].outputs[0], *made);
  }
  return made;
}

}  // namespace glimpse::opcheck
