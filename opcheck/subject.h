// SPDX-License-Identifier: Apache-2.0
// A kernel under test, nodes for it, and what the reference makes of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/plugin/plugin_host.h"
#include "opcheck/child.h"
#include "opcheck/kernel_runner.h"
#include "opcheck/node.h"

namespace glimpse::opcheck {

struct Subject {
  const Plugin* plugin = nullptr;
  uint32_t index = 0;                 // of the descriptor
  const Plugin* reference = nullptr;  // null: there is none
  const glimpse_host* host = nullptr;
  uint32_t seed = 1;
  std::vector<Node> given = {};  // of models; their content is generated, a few times for each
  uint32_t nodes = 200;          // altogether, those first

  const glimpse_op_descriptor& offer() const { return plugin->descriptors()[index]; }
};

// A new kernel. Failures of create() are thrown as std::runtime_error with what is wrong: they end the check.
std::unique_ptr<KernelRunner> NewRunner(const Plugin& plugin, uint32_t index);
inline std::unique_ptr<KernelRunner> NewRunner(const Subject& subject) {
  return NewRunner(*subject.plugin, subject.index);
}

// How often each given node comes, with other content.
inline constexpr uint32_t kContents = 3;

// Node `number` for the kernel: always the same one for the same subject and seed. Nothing when a chain's first
// operators cannot be computed: then the next has no input.
std::optional<Node> GenerateNode(const Subject& subject, uint32_t number);

// The node's operators one by one by the reference. Nothing when it does not serve one of them: the node is not sound
// then.
std::optional<Made> RunReference(const Subject& subject, const Node& node);

// Whether the reference has kernels for all operators of the subject's chain.
bool ReferenceHasAll(const Subject& subject);

// Calls visit(node, runner prepared for it) for up to `most` nodes that the kernel serves, until one answers with what
// is wrong. Skipped when it serves none.
template <typename Visit>
Verdict OnServedNodes(const Subject& subject, uint32_t most, Visit visit) {
  uint32_t served = 0;
  uint32_t tried = 0;
  std::string last_message;
  for (uint32_t number = 0; number < subject.nodes && served < most; ++number) {
    const std::optional<Node> node = GenerateNode(subject, number);
    if (!node) continue;
    ++tried;
    const std::string where = "node " + std::to_string(number) + ": " + node->Describe();
    Doing(where);
    const auto runner = NewRunner(subject);
    const glimpse_status status = runner->Prepare(*node);
    std::string wrong;
    if (status == GLIMPSE_OK) {
      ++served;
      wrong = visit(*node, *runner);
    } else {
      last_message = runner->message();
    }
    if (wrong.empty()) wrong = runner->problem();
    if (!wrong.empty()) return Verdict::Failed(wrong + "; " + where);
  }
  if (served == 0) {
    return Verdict::Skipped("none of " + std::to_string(tried) + " generated nodes is served" +
                            (last_message.empty() ? "" : ", the last one since: " + last_message));
  }
  return Verdict::Passed(served);
}

}  // namespace glimpse::opcheck
