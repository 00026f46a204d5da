# FindSampleRate.cmake - libsamplerate, which changes sample rates. SPDX-License-Identifier: Apache-2.0
#
# Gives the target SampleRate::samplerate: from the package's own CMake files where it installs
# them, else from pkg-config.
if(NOT TARGET SampleRate::samplerate)
  find_package(SampleRate QUIET CONFIG)
  if(NOT TARGET SampleRate::samplerate)
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(SampleRate_PC QUIET IMPORTED_TARGET samplerate)
      if(SampleRate_PC_FOUND)
        add_library(SampleRate::samplerate INTERFACE IMPORTED)
        set_target_properties(SampleRate::samplerate PROPERTIES
          INTERFACE_LINK_LIBRARIES PkgConfig::SampleRate_PC)
        set(SampleRate_VERSION ${SampleRate_PC_VERSION})
      endif()
    endif()
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET SampleRate::samplerate)
  set(SampleRate_TARGET SampleRate::samplerate)
endif()
find_package_handle_standard_args(SampleRate
  REQUIRED_VARS SampleRate_TARGET
  REASON_FAILURE_MESSAGE "install libsamplerate0-dev, or set SampleRate_DIR")
