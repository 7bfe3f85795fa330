# SPDX-License-Identifier: Apache-2.0
# glimpse_add_op_plugin(NAME SOURCES file... [LIBRARIES target...]): the target glimpse-ops-NAME, an operator plugin
# libglimpse-ops-NAME.so that exports one symbol. NAME is the plugin's, as in the configuration: a-z, 0-9, _ and -.
#
# Part of the installed package too (find_package(glimpse)). Of what the caller may set, these are heeded:
#     GLIMPSE_OP_PLUGIN_OUTPUT_DIRECTORY   where the plugin is built; default: CMAKE_LIBRARY_OUTPUT_DIRECTORY
#     GLIMPSE_SANITIZE                     sanitizers that the whole build uses

set(GLIMPSE_PLUGIN_VERSION_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/op_plugin.map")

function(glimpse_add_op_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(NOT name MATCHES "^[a-z0-9_-]+$")
    message(FATAL_ERROR "glimpse_add_op_plugin: '${name}' is no plugin's name: a-z, 0-9, _ and - are allowed")
  endif()
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "glimpse_add_op_plugin(${name}): write glimpse_add_op_plugin(NAME SOURCES file... [LIBRARIES target...])")
  endif()
  set(target "glimpse-ops-${name}")
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE glimpse::op_sdk ${arg_LIBRARIES})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(CXX IN_LIST languages)
    target_compile_features(${target} PRIVATE cxx_std_20)
  endif()
  # Fast mathematics and contracted multiply-adds round differently from machine to machine: bit-exactness forbids both.
  target_compile_options(${target} PRIVATE -fno-fast-math -ffp-contract=off -fvisibility=hidden)
  set_target_properties(${target} PROPERTIES LINK_DEPENDS "${GLIMPSE_PLUGIN_VERSION_SCRIPT}")
  if(GLIMPSE_OP_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${GLIMPSE_OP_PLUGIN_OUTPUT_DIRECTORY}")
  endif()
  target_link_options(${target} PRIVATE "-Wl,--version-script=${GLIMPSE_PLUGIN_VERSION_SCRIPT}" -Wl,--gc-sections
    -Wl,-z,relro -Wl,-z,now)
  if(NOT GLIMPSE_SANITIZE AND NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
    # What is missing is found when the plugin is linked, not when it is loaded. Sanitizer run-times resolve their symbols
    # from the program, so this check is for the other builds.
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
