// SPDX-License-Identifier: Apache-2.0
// Says where a flatbuffer is broken: its verifier only says that it is.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace glimpse {

// The first damage on a walk over all tables in the schema's order, "subgraphs[0].tensors[3].shape claims 268435456
// entries, more than the file holds" for instance; "" when every table is whole (then it was the verifier's limits that
// were hit). Reads nothing outside of `file` and ends after a bounded number of tables, whatever the bytes are.
std::string LocateDamage(std::span<const std::byte> file);

}  // namespace glimpse
