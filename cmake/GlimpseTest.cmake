# SPDX-License-Identifier: Apache-2.0
# glimpse_add_test(NAME SOURCES... [LIBRARIES...] [LABELS...] [HEADERS...]): one GoogleTest program, registered with ctest as a
# whole. HEADERS: large ones that most of its sources include, compiled once.

find_package(GTest REQUIRED)

# Test code runs briefly and is compiled often: what it calls is optimised, it itself is not.
set(GLIMPSE_TEST_FLAGS -O0)

# GoogleTest's headers, compiled once for all test programs. Carried by a program without tests: what a program reuses must
# be compiled as for a program.
add_executable(glimpse_gtest_headers "${CMAKE_CURRENT_LIST_DIR}/gtest_headers.cc")
target_compile_options(glimpse_gtest_headers PRIVATE ${GLIMPSE_TEST_FLAGS})
target_link_libraries(glimpse_gtest_headers PRIVATE glimpse_flags GTest::gmock GTest::gtest GTest::gtest_main)
target_precompile_headers(glimpse_gtest_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
# The same for tests that build models: the generated header of the schema is larger still.
add_executable(glimpse_model_test_headers "${CMAKE_CURRENT_LIST_DIR}/gtest_headers.cc")
target_compile_options(glimpse_model_test_headers PRIVATE ${GLIMPSE_TEST_FLAGS})
target_link_libraries(glimpse_model_test_headers PRIVATE glimpse_flags glimpse_schema GTest::gmock GTest::gtest GTest::gtest_main)
target_precompile_headers(glimpse_model_test_headers
  PRIVATE <gmock/gmock.h> <gtest/gtest.h> <engine/schema/tflite_generated.h>)

function(glimpse_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LABELS;HEADERS")
  add_executable(${name} ${arg_SOURCES})
  list(LENGTH arg_SOURCES sources)
  if(sources GREATER 1)
    glimpse_compile_together(${name})
  endif()
  target_compile_options(${name} PRIVATE ${GLIMPSE_TEST_FLAGS})
  target_link_libraries(${name} PRIVATE glimpse_flags ${arg_LIBRARIES} GTest::gmock GTest::gtest GTest::gtest_main)
  if(arg_HEADERS)
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
  elseif("glimpse_test_models" IN_LIST arg_LIBRARIES)
    target_precompile_headers(${name} REUSE_FROM glimpse_model_test_headers)
  else()
    target_precompile_headers(${name} REUSE_FROM glimpse_gtest_headers)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "unit;${arg_LABELS}")
endfunction()
