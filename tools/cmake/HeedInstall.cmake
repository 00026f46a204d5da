# HeedInstall.cmake - library, header, package files. SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)

set(heed_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heed)
install(TARGETS heed EXPORT heedTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT heedTargets NAMESPACE heed:: DESTINATION ${heed_package_dir})

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/heedConfig.cmake.in heedConfig.cmake
  INSTALL_DESTINATION ${heed_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(heedConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/heedConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/heedConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindKissFFT.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindPortAudio.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSampleRate.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSndFile.cmake
  DESTINATION ${heed_package_dir})

# Absolute install folders are kept; relative ones follow the prefix.
foreach(kind LIBDIR INCLUDEDIR)
  cmake_path(APPEND heed_pc_${kind} "\${prefix}" "${CMAKE_INSTALL_${kind}}")
endforeach()
# A shared library brings what it needs along; a static one asks for it.
set(heed_pc_requires "kissfft-float portaudio-2.0 samplerate sndfile")
if(BUILD_SHARED_LIBS)
  set(heed_pc_private ".private")
  set(heed_pc_public_libs "")
else()
  set(heed_pc_private "")
  set(heed_pc_public_libs " -lm -lpthread -ldl")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/heed.pc.in heed.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/heed.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
