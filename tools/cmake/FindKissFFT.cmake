# FindKissFFT.cmake - KissFFT for float samples. SPDX-License-Identifier: Apache-2.0
#
# Gives the target KissFFT::float. Debian's package of kissfft's own CMake
# files knows the shared libraries only, so both kinds are asked for.
set(_kissfft_version "")
if(NOT TARGET KissFFT::float)
  foreach(_kissfft_kind SHARED STATIC)
    if(NOT TARGET kissfft::kissfft-float)
      find_package(kissfft QUIET CONFIG COMPONENTS ${_kissfft_kind} float)
    endif()
  endforeach()
  if(TARGET kissfft::kissfft-float)
    set(_kissfft_target kissfft::kissfft-float)
    set(_kissfft_version ${kissfft_VERSION})
  else()
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(KissFFT_PC QUIET IMPORTED_TARGET kissfft-float)
      if(KissFFT_PC_FOUND)
        set(_kissfft_target PkgConfig::KissFFT_PC)
        set(_kissfft_version ${KissFFT_PC_VERSION})
      endif()
    endif()
  endif()
  if(_kissfft_target)
    add_library(KissFFT::float INTERFACE IMPORTED)
    set_target_properties(KissFFT::float PROPERTIES
      INTERFACE_LINK_LIBRARIES ${_kissfft_target})
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET KissFFT::float)
  set(KissFFT_TARGET KissFFT::float)
endif()
find_package_handle_standard_args(KissFFT
  REQUIRED_VARS KissFFT_TARGET
  REASON_FAILURE_MESSAGE "install libkissfft-dev, or KissFFT built for float")
if(_kissfft_version)
  set(KissFFT_VERSION ${_kissfft_version})
endif()
unset(_kissfft_kind)
unset(_kissfft_target)
unset(_kissfft_version)
