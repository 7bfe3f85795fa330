# SPDX-License-Identifier: Apache-2.0
# Compiler and linker settings that all our targets share, and where built programs and modules go.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# Plugins of a build tree: where programs that run from it look (base/build_tree.h, engine/plugin/plugin_host.cc).
set(GLIMPSE_BUILD_PLUGIN_DIR "${CMAKE_BINARY_DIR}/lib/glimpsed/kernels")
set(GLIMPSE_PLUGIN_DIR "${CMAKE_INSTALL_FULL_LIBDIR}/glimpsed/kernels")
# Camera source modules, likewise.
set(GLIMPSE_BUILD_SOURCE_DIR "${CMAKE_BINARY_DIR}/lib/glimpsed/sources")
set(GLIMPSE_SOURCE_DIR "${CMAKE_INSTALL_FULL_LIBDIR}/glimpsed/sources")

add_library(glimpse_flags INTERFACE)
target_compile_features(glimpse_flags INTERFACE cxx_std_20 c_std_11)
target_include_directories(glimpse_flags INTERFACE "${PROJECT_SOURCE_DIR}")
# Contracting a * b + c into one rounding would break bit-exactness wherever scales are computed.
target_compile_options(glimpse_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                       -Wnon-virtual-dtor -fno-fast-math -ffp-contract=off -fvisibility=hidden)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 to 14 see overlapping and overlong copies in plain uses of std::string (its bugs 105651 and 105329). The
  # sanitizers find the real ones.
  target_compile_options(glimpse_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm)")
  # On ARM it notes where it passes arguments otherwise than releases before 10 did, of which nothing is linked.
  target_compile_options(glimpse_flags INTERFACE -Wno-psabi)
endif()
target_link_options(glimpse_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
if(GLIMPSE_DEVELOPER)
  target_compile_options(glimpse_flags INTERFACE -Werror)
endif()
if(GLIMPSE_SANITIZE)
  target_compile_options(glimpse_flags INTERFACE -fsanitize=${GLIMPSE_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(glimpse_flags INTERFACE -fsanitize=${GLIMPSE_SANITIZE})
endif()
if(GLIMPSE_SANITIZE MATCHES "undefined")
  # A third of the compile time. The use of a null pointer is a fault that the address sanitizer reports; alignment is
  # checked where bytes become tensors (glimpse_check_alignment).
  target_compile_options(glimpse_flags INTERFACE
    -fno-sanitize=null "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:GLIMPSE_CHECK_ALIGNMENT>>>:-fno-sanitize=alignment>")
endif()

if(GLIMPSE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio has fences, which this sanitizer does not follow; what it misses by that it reports as a race.
  target_compile_options(glimpse_flags INTERFACE -Wno-tsan)
endif()

if(GLIMPSE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "GLIMPSE_FUZZ needs clang: set CMAKE_CXX_COMPILER to clang++")
  endif()
  # What is fuzzed tells the fuzzer where it has been.
  target_compile_options(glimpse_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(glimpse_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)

# glimpse_optimise_debug(TARGET...): some optimisation in Debug builds too. For what tests spend their time in; the rest of a
# sanitizer build compiles twice as fast without.
function(glimpse_optimise_debug)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O1>)
  endforeach()
endfunction()

# glimpse_check_alignment(TARGET...): the undefined-behaviour sanitizer looks at every pointer's alignment here.
function(glimpse_check_alignment)
  set_target_properties(${ARGN} PROPERTIES GLIMPSE_CHECK_ALIGNMENT ON)
endfunction()

# glimpse_link_used_parts(TARGET...): a function a section, so that a plugin (GlimpseOpPlugin.cmake) or a program carries only
# what it calls.
function(glimpse_link_used_parts)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
  endforeach()
endfunction()

# glimpse_prefer_small(TARGET...): what runs once, or waits for others, is a third smaller and no slower to notice. Programs
# that are linked of it leave out what they do not call.
function(glimpse_prefer_small)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE "$<$<NOT:$<CONFIG:Debug>>:-Os;-ffunction-sections;-fdata-sections>")
    target_link_options(${target} INTERFACE -Wl,--gc-sections)
  endforeach()
endfunction()

# glimpse_compile_together(TARGET...): a few files at a time as one. Most of a small file's compile time is its headers.
function(glimpse_compile_together)
  if(NOT GLIMPSE_COMPILE_TOGETHER)
    return()
  endif()
  set_target_properties(${ARGN} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 7)
  foreach(target ${ARGN})
    # GCC takes for a header what is not the file that it was given.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endforeach()
endfunction()
