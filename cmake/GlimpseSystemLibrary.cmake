# SPDX-License-Identifier: Apache-2.0
# glimpse_open_when_needed(TARGET NAME FILE HEADER): TARGET may include HEADER of the library lib<FILE>, does not link it, and
# opens it by the name GLIMPSE_LIB<NAME> when it needs it (base/system_library.h).

# Programs and modules do not name these libraries, so packages could not tell that they need them. This one does; it is not
# installed.
file(WRITE "${CMAKE_BINARY_DIR}/opened_libraries.c" "int glimpse_opened_libraries;\n")
add_library(glimpse_opened_libraries MODULE EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/opened_libraries.c")
target_link_options(glimpse_opened_libraries PRIVATE -Wl,--no-as-needed)

function(glimpse_open_when_needed target name file header)
  string(TOUPPER "${name}" upper)
  find_library(GLIMPSE_${upper}_LIBRARY "${file}" REQUIRED)
  find_path(GLIMPSE_${upper}_INCLUDE "${header}" PATH_SUFFIXES minizip REQUIRED)
  if(NOT GLIMPSE_${upper}_SONAME)
    execute_process(COMMAND "${CMAKE_READELF}" -d "${GLIMPSE_${upper}_LIBRARY}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
    if(NOT dynamic MATCHES "\\(SONAME\\)[^\n]*\\[([^]\n]+)\\]")
      message(FATAL_ERROR "${GLIMPSE_${upper}_LIBRARY} has no SONAME: glimpse_open_when_needed() needs a shared library")
    endif()
    set(GLIMPSE_${upper}_SONAME "${CMAKE_MATCH_1}" CACHE INTERNAL "The name that ${name} is opened by")
  endif()
  target_include_directories(${target} SYSTEM PRIVATE "${GLIMPSE_${upper}_INCLUDE}")
  target_compile_definitions(${target} PRIVATE "GLIMPSE_LIB${upper}=\"${GLIMPSE_${upper}_SONAME}\"")
  target_link_libraries(glimpse_opened_libraries PRIVATE "${GLIMPSE_${upper}_LIBRARY}")
endfunction()
