# FindSndFile.cmake - libsndfile, which reads sound files. SPDX-License-Identifier: Apache-2.0
#
# Gives the target SndFile::sndfile: from the package's own CMake files where it installs
# them, else from pkg-config.
if(NOT TARGET SndFile::sndfile)
  find_package(SndFile QUIET CONFIG)
  if(NOT TARGET SndFile::sndfile)
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(SndFile_PC QUIET IMPORTED_TARGET sndfile)
      if(SndFile_PC_FOUND)
        add_library(SndFile::sndfile INTERFACE IMPORTED)
        set_target_properties(SndFile::sndfile PROPERTIES
          INTERFACE_LINK_LIBRARIES PkgConfig::SndFile_PC)
        set(SndFile_VERSION ${SndFile_PC_VERSION})
      endif()
    endif()
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET SndFile::sndfile)
  set(SndFile_TARGET SndFile::sndfile)
endif()
find_package_handle_standard_args(SndFile
  REQUIRED_VARS SndFile_TARGET
  REASON_FAILURE_MESSAGE "install libsndfile1-dev, or set SndFile_DIR")
