# FindJsonC.cmake - json-c, which reads and writes JSON. SPDX-License-Identifier: Apache-2.0
#
# Gives the target JsonC::json-c: from the package's own CMake files where it installs
# them, else from pkg-config.
if(NOT TARGET JsonC::json-c)
  find_package(json-c QUIET CONFIG)
  if(TARGET json-c::json-c)
    add_library(JsonC::json-c INTERFACE IMPORTED)
    set_target_properties(JsonC::json-c PROPERTIES
      INTERFACE_LINK_LIBRARIES json-c::json-c)
    set(JsonC_VERSION ${json-c_VERSION})
  else()
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(JsonC_PC QUIET IMPORTED_TARGET json-c)
      if(JsonC_PC_FOUND)
        add_library(JsonC::json-c INTERFACE IMPORTED)
        set_target_properties(JsonC::json-c PROPERTIES
          INTERFACE_LINK_LIBRARIES PkgConfig::JsonC_PC)
        set(JsonC_VERSION ${JsonC_PC_VERSION})
      endif()
    endif()
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET JsonC::json-c)
  set(JsonC_TARGET JsonC::json-c)
endif()
find_package_handle_standard_args(JsonC
  REQUIRED_VARS JsonC_TARGET
  REASON_FAILURE_MESSAGE "install libjson-c-dev, or set JsonC_DIR")
