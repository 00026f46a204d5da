# FindCUnit.cmake - CUnit, which runs the tests. SPDX-License-Identifier: Apache-2.0
#
# Gives the target CUnit::CUnit: from the package's own CMake files where it installs
# them, else from pkg-config.
if(NOT TARGET CUnit::CUnit)
  find_package(CUnit QUIET CONFIG)
  if(NOT TARGET CUnit::CUnit)
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(CUnit_PC QUIET IMPORTED_TARGET cunit)
      if(CUnit_PC_FOUND)
        add_library(CUnit::CUnit INTERFACE IMPORTED)
        set_target_properties(CUnit::CUnit PROPERTIES
          INTERFACE_LINK_LIBRARIES PkgConfig::CUnit_PC)
        set(CUnit_VERSION ${CUnit_PC_VERSION})
      endif()
    endif()
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET CUnit::CUnit)
  set(CUnit_TARGET CUnit::CUnit)
endif()
find_package_handle_standard_args(CUnit
  REQUIRED_VARS CUnit_TARGET
  REASON_FAILURE_MESSAGE "install libcunit1-dev, or set CUnit_DIR")
