// SPDX-License-Identifier: Apache-2.0
// Checks of a kernel's life: created, prepared, refused, prepared again, destroyed, many at a time.
#include <algorithm>
#include <atomic>
#include <thread>

#include "base/strings.h"
#include "opcheck/checks.h"
#include "opcheck/heap_watch.h"

namespace glimpse::opcheck {
namespace {

constexpr uint32_t kNodes = 12;  // each is prepared many times
constexpr uint32_t kMostCallbacks = 40;

// What `runner` makes of `node`, compared with `expected`.
std::string PrepareAndCompare(KernelRunner& runner, const Node& node, const Made& expected) {
  const glimpse_status status = runner.Prepare(node);
  if (status != GLIMPSE_OK) {
    return StrCat("prepare() returned status ", status, " (", Printable(runner.message()),
                  ") for a node that a new kernel serves");
  }
  return Difference(runner.Invoke(), expected);
}

}  // namespace

Verdict CheckCreate(const Subject& subject) {
  const glimpse_op_factory& factory = subject.plugin->factory();
  glimpse_kernel* kernels[2] = {};
  for (glimpse_kernel*& kernel : kernels) {
    if (const glimpse_status status = factory.create(&factory, subject.index, &kernel); status != GLIMPSE_OK) {
      return Verdict::Failed(StrCat("create() returned status ", status));
    }
    if (kernel == nullptr) return Verdict::Failed("create() handed out no kernel");
    if (kernel->struct_size < sizeof(glimpse_kernel)) {
      return Verdict::Failed(
          StrCat("struct_size of the kernel is ", kernel->struct_size, ", not ", sizeof(glimpse_kernel)));
    }
    if (kernel->prepare == nullptr) return Verdict::Failed("the kernel has no prepare()");
    if (kernel->invoke == nullptr) return Verdict::Failed("the kernel has no invoke()");
    if (kernel->destroy == nullptr) return Verdict::Failed("the kernel has no destroy()");
    if (kernel->get_extension != nullptr && kernel->get_extension(kernel, "glimpse.no-such-extension/1") != nullptr) {
      return Verdict::Failed("get_extension() of an unknown id is not NULL");
    }
  }
  if (kernels[0] == kernels[1]) return Verdict::Failed("create() handed out the same kernel twice");
  for (glimpse_kernel* kernel : kernels) kernel->destroy(kernel);
  return Verdict::Passed(0);
}

Verdict CheckScore(const Subject& subject) {
  if (subject.offer().score == nullptr) return Verdict::Skipped("it has none, which counts as 100");
  uint32_t asked = 0;
  for (uint32_t number = 0; number < subject.nodes; ++number) {
    const std::optional<Node> node = GenerateNode(subject, number);
    if (!node) continue;
    const std::string where = StrCat("node ", number, ": ", node->Describe());
    Doing(StrCat("in score() for ", where));
    const ShownNode shown(*node, {});
    const uint32_t first = subject.offer().score(subject.host, shown.node());
    const uint32_t second = subject.offer().score(subject.host, shown.node());
    if (first != second) return Verdict::Failed(StrCat("score() is ", first, ", then ", second, "; ", where));
    ++asked;
  }
  return Verdict::Passed(asked);
}

Verdict CheckAbsent(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    const auto other = NewRunner(subject);
    PrepareForm nameless;
    nameless.show.names = false;
    if (other->Prepare(node, nameless) != GLIMPSE_OK) return "tensors without a name are not served";
    std::string wrong = Difference(other->Invoke(), expected);
    if (!wrong.empty()) return StrCat("another result for tensors without a name: ", wrong);
    PrepareForm without_options;
    without_options.show.options = false;
    if (other->Prepare(node, without_options) == GLIMPSE_OK) other->Invoke();
    // The host sees to it that the first input of the first operator is there.
    for (size_t op = 0; op < node.operators.size(); ++op) {
      for (size_t input = op == 0 ? 1 : 0; input < node.operators[op].inputs.size(); ++input) {
        Node less = node;
        less.operators[op].inputs[input].absent = true;
        if (other->Prepare(less) == GLIMPSE_OK) other->Invoke();
        // `less` goes, and with it what the kernel was shown.
        wrong = PrepareAndCompare(*other, node, expected);
        if (!wrong.empty()) return StrCat("after a node without input ", input, ": ", wrong);
      }
    }
    return other->problem();
  });
}

Verdict CheckCallbacks(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const uint32_t calls = std::min(runner.calls(), kMostCallbacks);
    const Made expected = runner.Invoke();
    for (uint32_t call = 0; call < calls; ++call) {
      const auto other = NewRunner(subject);
      PrepareForm form;
      form.failing_call = call;
      const glimpse_status status = other->Prepare(node, form);
      if (other->failed_call() == nullptr) continue;
      if (status == GLIMPSE_OK) return StrCat("prepare() succeeded though ", other->failed_call(), "() failed");
      const std::string name = other->failed_call();
      if (const std::string wrong = PrepareAndCompare(*other, node, expected); !wrong.empty()) {
        return StrCat("after ", name, "() had failed: ", wrong);
      }
      if (!other->problem().empty()) return other->problem();
    }
    return "";
  });
}

Verdict CheckDestroy(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& first) -> std::string {
    const uint32_t calls = std::min(first.calls(), kMostCallbacks);
    const auto lives = [&]() -> std::string {
      for (uint32_t call = 0; call <= calls; ++call) {
        const auto runner = NewRunner(subject);
        PrepareForm form;
        form.failing_call = call;  // none fails the last time
        (void)runner->Prepare(node, form);
        if (!runner->problem().empty()) return runner->problem();
      }
      const auto runner = NewRunner(subject);
      for (int i = 0; i < 2; ++i) {
        if (runner->Prepare(node) == GLIMPSE_OK) runner->Invoke();
      }
      return runner->problem();
    };
    // Tables that are made once may stay.
    for (int i = 0; i < 2; ++i) {
      if (std::string wrong = lives(); !wrong.empty()) return wrong;
    }
    constexpr int kRounds = 3;
    const std::optional<int64_t> before = LiveHeapBlocks();
    for (int i = 0; i < kRounds; ++i) lives();
    // Without an allocator of ours, crashes are all that shows.
    const int64_t more = before ? *LiveHeapBlocks() - *before : 0;
    if (more < kRounds) return "";
    return StrCat("destroy() leaves memory behind: ", more / kRounds, " blocks of ", calls + 2, " kernels");
  });
}

Verdict CheckAgain(const Subject& subject) {
  std::optional<Node> before;
  Made expected_before;
  return OnServedNodes(subject, 2 * kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    std::string wrong;
    if (before) {
      // From this node to the one before it, and back.
      wrong = PrepareAndCompare(runner, *before, expected_before);
      if (wrong.empty()) wrong = PrepareAndCompare(runner, node, expected);
      // The runner must not outlive what it was shown.
      if (!wrong.empty()) return StrCat("after prepare() for ", before->Describe(), ": ", wrong);
    }
    before = node;
    expected_before = expected;
    return "";
  });
}

Verdict CheckParallel(const Subject& subject) {
  std::optional<Node> before;
  Made expected_before;
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    // Beside a kernel for the node before, since what both hold in common is then not the same.
    const Node& beside = before ? *before : node;
    const Made& expected_beside = before ? expected_before : expected;
    const auto other = NewRunner(subject);
    if (other->Prepare(beside) != GLIMPSE_OK) return "a second kernel does not serve a node that the first did";
    std::atomic<int> waiting = 2;
    std::string wrong[2];
    const auto work = [&](KernelRunner& mine, const Made& right, std::string& answer) {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      for (int i = 0; i < 40 && answer.empty(); ++i) answer = Difference(mine.Invoke(), right);
    };
    std::thread second([&] { work(*other, expected_beside, wrong[1]); });
    work(runner, expected, wrong[0]);
    second.join();
    for (const std::string& each : wrong) {
      if (!each.empty()) return StrCat("another result while a second kernel works: ", each);
    }
    const std::string problem = other->problem();
    before = node;
    expected_before = expected;
    return problem;
  });
}

Verdict CheckNewerHost(const Subject& subject) {
  return OnServedNodes(subject, kNodes, [&](const Node& node, KernelRunner& runner) -> std::string {
    const Made expected = runner.Invoke();
    const auto other = NewRunner(subject);
    PrepareForm form;
    form.show.struct_tail = 32;
    if (const glimpse_status status = other->Prepare(node, form); status != GLIMPSE_OK) {
      return StrCat("prepare() returned status ", status, " (", Printable(other->message()), ") for longer structs");
    }
    const std::string difference = Difference(other->Invoke({.struct_tail = 32}), expected);
    return difference.empty() ? other->problem() : StrCat("another result with longer structs: ", difference);
  });
}

}  // namespace glimpse::opcheck
