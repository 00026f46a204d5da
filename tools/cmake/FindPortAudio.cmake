# FindPortAudio.cmake - PortAudio, which hears the microphone. SPDX-License-Identifier: Apache-2.0
#
# Gives the target PortAudio::portaudio: from the package's own CMake files
# (their target has had several names), else from pkg-config.
if(NOT TARGET PortAudio::portaudio)
  find_package(portaudio QUIET CONFIG)
  foreach(_portaudio_target PortAudio::PortAudio portaudio portaudio_static)
    if(TARGET ${_portaudio_target} AND NOT TARGET PortAudio::portaudio)
      add_library(PortAudio::portaudio INTERFACE IMPORTED)
      set_target_properties(PortAudio::portaudio PROPERTIES
        INTERFACE_LINK_LIBRARIES ${_portaudio_target})
      set(PortAudio_VERSION ${portaudio_VERSION})
    endif()
  endforeach()
  unset(_portaudio_target)
  if(NOT TARGET PortAudio::portaudio)
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(PortAudio_PC QUIET IMPORTED_TARGET portaudio-2.0)
      if(PortAudio_PC_FOUND)
        add_library(PortAudio::portaudio INTERFACE IMPORTED)
        set_target_properties(PortAudio::portaudio PROPERTIES
          INTERFACE_LINK_LIBRARIES PkgConfig::PortAudio_PC)
        set(PortAudio_VERSION ${PortAudio_PC_VERSION})
      endif()
    endif()
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET PortAudio::portaudio)
  set(PortAudio_TARGET PortAudio::portaudio)
endif()
find_package_handle_standard_args(PortAudio
  REQUIRED_VARS PortAudio_TARGET
  REASON_FAILURE_MESSAGE "install portaudio19-dev, or set portaudio_DIR")
