# HeedInternal.cmake - the library for tests and tools. SPDX-License-Identifier: Apache-2.0
#
# `heed::internal` shows every symbol, where a shared `heed` shows only those
# of heed.h. A static `heed` is it; beside a shared one the same sources are
# made into a static library that is never installed.
get_target_property(heed_type heed TYPE)
if(heed_type STREQUAL "SHARED_LIBRARY")
  get_target_property(heed_sources heed SOURCES)
  add_library(heed_internal STATIC EXCLUDE_FROM_ALL ${heed_sources})
  foreach(property C_STANDARD C_STANDARD_REQUIRED C_EXTENSIONS
          C_VISIBILITY_PRESET INCLUDE_DIRECTORIES COMPILE_DEFINITIONS
          COMPILE_OPTIONS LINK_LIBRARIES)
    get_target_property(value heed ${property})
    if(NOT value MATCHES "-NOTFOUND$")
      set_property(TARGET heed_internal PROPERTY ${property} "${value}")
    endif()
  endforeach()
  target_link_libraries(heed_internal INTERFACE
    KissFFT::float PortAudio::portaudio SndFile::sndfile
    SampleRate::samplerate Threads::Threads ${CMAKE_DL_LIBS} ${HEED_LIBM})
  target_include_directories(heed_internal INTERFACE
    ${PROJECT_SOURCE_DIR}/asr)
  add_library(heed::internal ALIAS heed_internal)
else()
  add_library(heed::internal ALIAS heed)
endif()
