# HeedSummary.cmake - what configure found and chose. SPDX-License-Identifier: Apache-2.0
if(PROJECT_IS_TOP_LEVEL)
  get_target_property(heed_type heed TYPE)
  string(TOLOWER "${heed_type}" heed_kind)
  string(REPLACE "_" " " heed_kind "${heed_kind}")
  message(STATUS "heed ${PROJECT_VERSION}: ${heed_kind}, ${CMAKE_BUILD_TYPE}, "
    "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} for "
    "${CMAKE_SYSTEM_PROCESSOR}")
  message(STATUS "  KissFFT ${KissFFT_VERSION}, libsndfile ${SndFile_VERSION}, "
    "libsamplerate ${SampleRate_VERSION}, PortAudio ${PortAudio_VERSION}")
  message(STATUS "  tools ${HEED_BUILD_TOOLS}, tests ${HEED_BUILD_TESTS}, "
    "warnings are errors ${HEED_WERROR}")
endif()
