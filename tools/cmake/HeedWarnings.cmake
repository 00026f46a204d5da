# HeedWarnings.cmake - the warnings of every C file. SPDX-License-Identifier: Apache-2.0
#
# `heed_warnings` is linked privately: it never reaches who uses the library.
# HEED_WERROR is for presets and CI; a new compiler must not break a user.
add_library(heed_warnings INTERFACE)
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(heed_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
    -Wcast-qual -Wcast-align -Wdouble-promotion -Wstrict-prototypes
    -Wmissing-prototypes -Wundef -Wformat=2 -Wvla -Wwrite-strings
    $<$<BOOL:${HEED_WERROR}>:-Werror>)
elseif(MSVC)
  target_compile_options(heed_warnings INTERFACE
    /W4 $<$<BOOL:${HEED_WERROR}>:/WX>)
endif()
