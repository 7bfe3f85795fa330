// SPDX-License-Identifier: Apache-2.0
#include "opcheck/checks.h"

#include "base/strings.h"

namespace glimpse::opcheck {

std::span<const Check> KernelChecks() {
  static constexpr Check kChecks[] = {
      {"create", "create() makes complete kernels, and destroy() takes them in that state", CheckCreate},
      {"score", "score() answers for any node, and the same each time", CheckScore},
      {"bounds", "nothing is read or written outside of the buffers, and no input is written", CheckBounds},
      {"outputs", "every byte of every output is written", CheckOutputs},
      {"scratch", "the result does not depend on what scratch memory held", CheckScratch},
      {"repeat", "the same inputs give the same result again, after reset() too", CheckRepeat},
      {"heap", "invoke() takes nothing from the heap", CheckHeap},
      {"alignment", "constants may lie at any multiple of 16", CheckAlignment},
      {"alias", "an output in the memory of an input, where that is allowed, gives the same result", CheckAlias},
      {"shape-only", "a kernel of shapes alone does not read its inputs", CheckShapeOnly},
      {"absent", "tensors without a name, options and inputs that are not there are no reason to crash", CheckAbsent},
      {"again", "prepare() again, with other shapes, gives what a new kernel would", CheckAgain},
      {"callbacks", "what the host refuses in prepare() makes it fail, and the kernel is good for another",
       CheckCallbacks},
      {"destroy", "destroy() in any state, half-prepared too, gives all memory back", CheckDestroy},
      {"parallel", "two kernels work in two threads at a time", CheckParallel},
      {"workers", "a host's threads that share the work of one invoke make the same result", CheckWorkers},
      {"newer-host", "structs of a newer host, longer than ours, are taken", CheckNewerHost},
      {"exact", "every byte equals the reference's, for each profile", CheckExact},
  };
  return kChecks;
}

std::string Difference(const Made& made, const Made& expected) {
  if ((made.status == GLIMPSE_OK) != (expected.status == GLIMPSE_OK)) {
    return StrCat("invoke() returned status ", made.status, ", not ", expected.status);
  }
  for (size_t i = 0; i < expected.shapes.size(); ++i) {
    if (made.shapes.at(i) == expected.shapes[i]) continue;
    return StrCat("output ", i, " has the shape [", StrJoin(made.shapes[i], ","), "], not [",
                  StrJoin(expected.shapes[i], ","), "]");
  }
  for (size_t i = 0; i < expected.outputs.size(); ++i) {
    const std::vector<uint8_t>& a = made.outputs.at(i);
    const std::vector<uint8_t>& b = expected.outputs[i];
    size_t differing = 0;
    size_t first = 0;
    for (size_t at = b.size(); at-- > 0;) {
      if (a.at(at) == b[at]) continue;
      ++differing;
      first = at;
    }
    if (differing == 0) continue;
    return StrCat(differing, " of ", b.size(), " bytes of output ", i, " differ, the first at ", first, ": ",
                  int{a[first]}, ", not ", int{b[first]});
  }
  return "";
}

}  // namespace glimpse::opcheck
