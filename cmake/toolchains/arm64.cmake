# SPDX-License-Identifier: Apache-2.0
# arm64: Raspberry Pi 3, 4, 5 and Zero 2 with a 64-bit system.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(debian_triplet aarch64-linux-gnu)
set(debian_qemu qemu-aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/debian_cross.cmake")
