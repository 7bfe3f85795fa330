# SPDX-License-Identifier: Apache-2.0
# Building for another architecture of Debian with its cross compiler. Included by arm64.cmake and armhf.cmake, which set
#     CMAKE_SYSTEM_PROCESSOR    as `uname -m` says there
#     debian_triplet            prefix of the compiler, folder of the libraries
#     debian_qemu               name of the program that runs the results here
# The libraries are those of GLIMPSE_CROSS_ROOT, which tools/cross_root makes. QEMU_CPU in the environment of ctest names the
# processor that is emulated.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSROOT "${GLIMPSE_CROSS_ROOT}")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES GLIMPSE_CROSS_ROOT)

set(CMAKE_C_COMPILER "${debian_triplet}-gcc")
set(CMAKE_CXX_COMPILER "${debian_triplet}-g++")
set(CMAKE_LIBRARY_ARCHITECTURE "${debian_triplet}")
find_program(GLIMPSE_QEMU NAMES "${debian_qemu}-static" "${debian_qemu}" REQUIRED)
set(CMAKE_CROSSCOMPILING_EMULATOR "${GLIMPSE_QEMU};-L;${GLIMPSE_CROSS_ROOT}")

# Programs are this machine's, everything else is the other one's.
set(CMAKE_FIND_ROOT_PATH "${GLIMPSE_CROSS_ROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${GLIMPSE_CROSS_ROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
  "${GLIMPSE_CROSS_ROOT}/usr/lib/${debian_triplet}/pkgconfig:${GLIMPSE_CROSS_ROOT}/usr/share/pkgconfig")
