# SPDX-License-Identifier: Apache-2.0
# armhf: Raspberry Pi 2 and later with a 32-bit system of Debian (ARMv7 with VFPv3-D16, NEON not taken for granted).
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(debian_triplet arm-linux-gnueabihf)
set(debian_qemu qemu-arm)
include("${CMAKE_CURRENT_LIST_DIR}/debian_cross.cmake")
