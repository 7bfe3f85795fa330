// SPDX-License-Identifier: Apache-2.0
// What a kernel has to prove: each check by itself, in a process of its own.
#pragma once

#include <span>

#include "opcheck/subject.h"

namespace glimpse::opcheck {

struct Check {
  const char* name;
  const char* what;  // that must hold
  Verdict (*run)(const Subject& subject);
};

// In the order in which they run: later ones rely on what earlier ones prove.
std::span<const Check> KernelChecks();

// Life of a kernel (checks_life.cc).
Verdict CheckCreate(const Subject& subject);
Verdict CheckScore(const Subject& subject);
Verdict CheckAbsent(const Subject& subject);
Verdict CheckCallbacks(const Subject& subject);
Verdict CheckDestroy(const Subject& subject);
Verdict CheckAgain(const Subject& subject);
Verdict CheckParallel(const Subject& subject);
Verdict CheckNewerHost(const Subject& subject);

// Memory and results (checks_result.cc).
Verdict CheckBounds(const Subject& subject);
Verdict CheckOutputs(const Subject& subject);
Verdict CheckScratch(const Subject& subject);
Verdict CheckHeap(const Subject& subject);
Verdict CheckRepeat(const Subject& subject);
Verdict CheckWorkers(const Subject& subject);
Verdict CheckAlignment(const Subject& subject);
Verdict CheckAlias(const Subject& subject);
Verdict CheckShapeOnly(const Subject& subject);
Verdict CheckExact(const Subject& subject);

// Where two results differ: "12 of 300 bytes of output 0, the first at 17: 5, not 4"; "" when they do not.
std::string Difference(const Made& made, const Made& expected);

}  // namespace glimpse::opcheck
