// SPDX-License-Identifier: Apache-2.0
// Checks of what an invoke reads, writes and gives.
#include <filesystem>

#include "base/strings.h"
#include "opcheck/checks.h"
#include "opcheck/heap_watch.h"

namespace glimpse::opcheck {
namespace {

constexpr uint32_t kNodes = 24;  // each is run a few times

}  // namespace

Verdict CheckBounds(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) {
    runner.Invoke();
    // Again with the ends as near to a page that nobody may touch as they can be.
    constexpr auto kFlush = GuardedBlock::Place::kFlush;
    const auto other = NewRunner(subject);
    PrepareForm form;
    form.show.constant_align = 16;
    form.show.place = kFlush;
    if (other->Prepare(node, form) == GLIMPSE_OK) other->Invoke({.place = kFlush});
    return other->problem();
  });
}

Verdict CheckOutputs(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [](const Node&, KernelRunner& runner) -> std::string {
    const InvokeForm first{.output_poison = 0x5A};
    const InvokeForm second{.output_poison = 0xC3};
    const Made a = runner.Invoke(first);
    const Made b = runner.Invoke(second);
    for (size_t i = 0; i < a.outputs.size() && i < b.outputs.size(); ++i) {
      size_t unwritten = 0;
      for (size_t at = 0; at < a.outputs[i].size() && at < b.outputs[i].size(); ++at) {
        unwritten += a.outputs[i][at] == first.output_poison && b.outputs[i][at] == second.output_poison;
      }
      if (unwritten > 0)
        return StrCat(unwritten, " of ", a.outputs[i].size(), " bytes of output ", i, " are not written");
    }
    return "";
  });
}

Verdict CheckScratch(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [](const Node&, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke({.scratch_poison = 0x00});
    for (const uint8_t poison : {uint8_t{0x3C}, uint8_t{0xFF}}) {
      const std::string difference = Difference(runner.Invoke({.scratch_poison = poison}), expected);
      if (!difference.empty()) return StrCat("the result depends on what scratch memory held: ", difference);
    }
    return "";
  });
}

Verdict CheckRepeat(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    for (int i = 0; i < 3; ++i) {
      const std::string difference = Difference(runner.Invoke(), expected);
      if (!difference.empty()) return StrCat("the same inputs give another result the next time: ", difference);
    }
    runner.Reset();
    std::string difference = Difference(runner.Invoke(), expected);
    if (!difference.empty()) return StrCat("another result after reset(): ", difference);
    const auto other = NewRunner(subject);
    if (other->Prepare(node) != GLIMPSE_OK) return "another kernel does not serve the same node";
    difference = Difference(other->Invoke(), expected);
    if (!difference.empty()) return StrCat("another kernel gives another result: ", difference);
    return other->problem();
  });
}

Verdict CheckHeap(const Subject& subject) {
  if (!HeapCallsOfInvokes()) return Verdict::Skipped("this build has the allocator of a sanitizer");
  return OnServedNodes(subject, kNodes, [](const Node&, KernelRunner& runner) -> std::string {
    // The dynamic linker takes memory for thread-local data when they are first used.
    runner.Invoke();
    const uint64_t before = *HeapCallsOfInvokes();
    const Made made = runner.Invoke();
    const uint64_t calls = *HeapCallsOfInvokes() - before;
    // A failure has a text. Outputs of a shape that nobody knew are never in real time.
    if (made.status != GLIMPSE_OK || runner.has_dynamic_output()) return "";
    return calls == 0 ? "" : StrCat("invoke() calls the heap ", calls, calls == 1 ? " time" : " times");
  });
}

Verdict CheckAlignment(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    for (const size_t align : {size_t{16}, size_t{32}}) {
      const auto other = NewRunner(subject);
      PrepareForm form;
      form.show.constant_align = align;
      if (other->Prepare(node, form) != GLIMPSE_OK)
        return StrCat("constants at multiples of ", align, " are not served");
      const std::string difference = Difference(other->Invoke(), expected);
      if (!difference.empty()) return StrCat("another result with constants at multiples of ", align, ": ", difference);
      if (!other->problem().empty()) return other->problem();
    }
    return "";
  });
}

Verdict CheckWorkers(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    for (const uint32_t workers : {2U, 5U}) {
      const auto other = NewRunner(subject);
      PrepareForm form;
      form.workers = workers;
      if (other->Prepare(node, form) != GLIMPSE_OK) return StrCat("it is not served with ", workers, " workers");
      const std::string difference = Difference(other->Invoke(), expected);
      if (!difference.empty()) return StrCat("another result with ", workers, " workers: ", difference);
      if (!other->problem().empty()) return other->problem();
    }
    return "";
  });
}

Verdict CheckAlias(const Subject& subject) {
  uint32_t allowed = 0;
  Verdict verdict = OnServedNodes(subject, kNodes, [&](const Node&, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    for (size_t i = 0; i < runner.aliases().size(); ++i, ++allowed) {
      const std::string difference = Difference(runner.Invoke({.alias = i}), expected);
      if (difference.empty()) continue;
      return StrCat("another result when an output lies in the memory of input ", runner.aliases()[i].first, ": ",
                    difference);
    }
    return "";
  });
  if (verdict.result == Outcome::kPassed && allowed == 0)
    return Verdict::Skipped("it allows no output to lie in an input");
  return verdict;
}

Verdict CheckShapeOnly(const Subject& subject) {
  if ((subject.offer().flags & GLIMPSE_OP_SHAPE_ONLY) == 0) return Verdict::Skipped("it does not say so of itself");
  return OnServedNodes(subject, kNodes, [](const Node&, KernelRunner& runner) -> std::string {
    const Made without = runner.Invoke({.null_inputs = true});
    const std::string difference = Difference(without, runner.Invoke());
    return difference.empty() ? "" : StrCat("another result without input data: ", difference);
  });
}

Verdict CheckExact(const Subject& subject) {
  if (subject.reference == nullptr) return Verdict::Skipped("there is no reference plugin to compare with");
  if (std::filesystem::equivalent(subject.reference->path(), subject.plugin->path()))
    return Verdict::Skipped("it is the reference itself");
  if (!ReferenceHasAll(subject)) return Verdict::Skipped("the reference has no such operator");
  uint32_t sound = 0;
  uint32_t compared = 0;
  std::string last_message;
  for (uint32_t number = 0; number < subject.nodes; ++number) {
    const std::optional<Node> node = GenerateNode(subject, number);
    const std::optional<Made> expected = node ? RunReference(subject, *node) : std::nullopt;
    if (!expected) continue;
    ++sound;
    const std::string where = StrCat("node ", number, ": ", node->Describe());
    Doing(where);
    const auto runner = NewRunner(subject);
    const glimpse_status status = runner->Prepare(*node);
    // A chain is a wish: any complaint about it means the operators one by one.
    const bool chain = node->operators.size() > 1;
    if (status == GLIMPSE_UNSUPPORTED || (chain && status == GLIMPSE_INVALID_NODE)) {
      last_message = runner->message();
      continue;
    }
    if (status != GLIMPSE_OK) {
      return Verdict::Failed(StrCat("prepare() returned status ", status, " (", Printable(runner->message()),
                                    ") for a node that the reference serves; ", where));
    }
    const std::string difference = Difference(runner->Invoke(), *expected);
    if (!difference.empty()) return Verdict::Failed(StrCat("not the reference's result: ", difference, "; ", where));
    if (!runner->problem().empty()) return Verdict::Failed(StrCat(runner->problem(), "; ", where));
    ++compared;
  }
  if (compared == 0 && sound > 0) {
    return Verdict::Skipped(StrCat("it declines each of ", sound,
                                   " nodes that the reference serves, the last one since: ", Printable(last_message)));
  }
  if (compared == 0) return Verdict::Skipped(StrCat("none of ", subject.nodes, " generated nodes is sound"));
  return Verdict::Passed(compared);
}

}  // namespace glimpse::opcheck
