// SPDX-License-Identifier: Apache-2.0
// What must hold for every Model that the reader hands out, checked without the reader's own code.
#pragma once

#include <string>

#include "engine/model/model.h"

namespace glimpse::testkit {

// The first promise of engine/model/model.h that `model` breaks, "" when it keeps all. Reads every byte of every
// constant and the bytes that may be read behind it, so that a sanitizer sees a wrong one.
std::string BrokenPromise(const Model& model);

}  // namespace glimpse::testkit
