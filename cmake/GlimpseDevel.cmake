# SPDX-License-Identifier: Apache-2.0
# The development files, component `devel`: headers, CMake package, pkg-config file, example. All of them find each other
# wherever the prefix is moved to.
include(CMakePackageConfigHelpers)

# The version of the ABI stands in its header alone.
file(STRINGS "${PROJECT_SOURCE_DIR}/plugins/abi/glimpse/op_abi.h" version_lines REGEX "define GLIMPSE_ABI_(MAJOR|MINOR|PATCH) ")
string(REGEX MATCHALL "[0-9]+u" GLIMPSE_OP_ABI_VERSION "${version_lines}")
string(REPLACE "u" "" GLIMPSE_OP_ABI_VERSION "${GLIMPSE_OP_ABI_VERSION}")
string(REPLACE ";" "." GLIMPSE_OP_ABI_VERSION "${GLIMPSE_OP_ABI_VERSION}")

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/glimpse")
set(package_files "${CMAKE_CURRENT_BINARY_DIR}/devel")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/glimpse-config.cmake.in" "${package_files}/glimpse-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${package_files}/glimpse-config-version.cmake" VERSION ${PROJECT_VERSION}
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
file(RELATIVE_PATH GLIMPSE_PREFIX_FROM_PC "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" GLIMPSE_PREFIX_FROM_PC "${GLIMPSE_PREFIX_FROM_PC}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/glimpse.pc.in" "${package_files}/glimpse.pc" @ONLY)

set_target_properties(glimpse_op_abi PROPERTIES EXPORT_NAME op_abi)
set_target_properties(glimpse_op_sdk PROPERTIES EXPORT_NAME op_sdk)
install(TARGETS glimpse_op_abi glimpse_op_sdk EXPORT glimpse-targets)
install(EXPORT glimpse-targets NAMESPACE glimpse:: DESTINATION "${package_dir}" COMPONENT devel)
install(FILES "${package_files}/glimpse-config.cmake" "${package_files}/glimpse-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/GlimpseOpPlugin.cmake" "${PROJECT_SOURCE_DIR}/cmake/op_plugin.map"
  DESTINATION "${package_dir}" COMPONENT devel)
install(FILES "${package_files}/glimpse.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT devel)

install(DIRECTORY abi/glimpse sdk/glimpse DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT devel
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY example/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples/plugin" COMPONENT devel)
install(FILES abi/CHANGES.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT devel RENAME ABI-CHANGES.md)
install(FILES "${PROJECT_SOURCE_DIR}/docs/write-a-kernel.md" "${PROJECT_SOURCE_DIR}/docs/quantization.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT devel)
