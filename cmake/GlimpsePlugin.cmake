# SPDX-License-Identifier: Apache-2.0
# glimpse_add_op_plugin(NAME SOURCES... [LIBRARIES...]): a kernel plugin libglimpse-ops-NAME.so that exports one symbol.

set(GLIMPSE_PLUGIN_VERSION_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/op_plugin.map")

function(glimpse_add_op_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  set(target "glimpse-ops-${name}")
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE glimpse_flags glimpse_op_sdk ${arg_LIBRARIES})
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY "${GLIMPSE_BUILD_PLUGIN_DIR}"
    LINK_DEPENDS "${GLIMPSE_PLUGIN_VERSION_SCRIPT}")
  target_link_options(${target} PRIVATE "-Wl,--version-script=${GLIMPSE_PLUGIN_VERSION_SCRIPT}" -Wl,--gc-sections)
  if(NOT GLIMPSE_SANITIZE)
    # Sanitizer run-times resolve their symbols from the program, so this check is for the other builds.
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
