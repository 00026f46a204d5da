# HeedTest.cmake - how tests are declared. SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# Seconds that a test may take; an emulator is far slower.
set(HEED_TEST_TIMEOUT 400)
if(CMAKE_CROSSCOMPILING_EMULATOR)
  set(HEED_TEST_TIMEOUT 900)
endif()

# Tests that hear for long hear less (support/slow.h).
set(HEED_TEST_SHORT_DEFAULT OFF)
if(CMAKE_CROSSCOMPILING_EMULATOR)
  set(HEED_TEST_SHORT_DEFAULT ON)
endif()
option(HEED_TEST_SHORT "Let the tests that hear for long hear less"
  ${HEED_TEST_SHORT_DEFAULT})

# heed_add_unit_test(<module> [LIBS <library>...])
#
# Builds tests/unit/test_<module>.c into the program test_<module>, which is the
# ctest `unit.<module>`. The file defines `CU_SuiteInfo heed_suites[]`.
function(heed_add_unit_test module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
  heed_add_test_program(test_${module}
    SOURCES
      ${PROJECT_SOURCE_DIR}/tests/unit/test_${module}.c
      ${PROJECT_SOURCE_DIR}/tests/support/main.c
    LIBS ${arg_LIBS} CUnit::CUnit)
  add_test(NAME unit.${module} COMMAND test_${module})
  set_tests_properties(unit.${module} PROPERTIES LABELS unit
    TIMEOUT ${HEED_TEST_TIMEOUT})
endfunction()

# heed_add_golden_test(<module> [LIBS <library>...])
#
# The same for tests/golden/test_<module>_golden.c, ctest `golden.<module>`, run
# where its data are, tests/golden/data.
function(heed_add_golden_test module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
  heed_add_test_program(test_${module}_golden
    SOURCES
      ${PROJECT_SOURCE_DIR}/tests/golden/test_${module}_golden.c
      ${PROJECT_SOURCE_DIR}/tests/support/main.c
    LIBS ${arg_LIBS} CUnit::CUnit)
  add_test(NAME golden.${module} COMMAND test_${module}_golden
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests/golden/data)
  set_tests_properties(golden.${module} PROPERTIES LABELS golden
    TIMEOUT ${HEED_TEST_TIMEOUT})
endfunction()

# heed_add_test_program(<target> SOURCES <file>... [LIBS <library>...])
#
# A program that sees the internals: root-relative includes, all symbols.
function(heed_add_test_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE
    _POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64
    $<$<BOOL:${HEED_TEST_SHORT}>:HEED_TEST_SHORT>)
  target_link_libraries(${target}
    PRIVATE heed::internal heed_warnings ${arg_LIBS})
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
  if(HEED_LIBM)
    target_link_libraries(${target} PRIVATE ${HEED_LIBM})
  endif()
endfunction()

# heed_test_watch_allocations(<target>)
#
# Lets tests/support/alloc.h count and refuse the allocations of a test program
# where the linker can wrap symbols; elsewhere heed_test_alloc_works() is false.
include(CheckLinkerFlag)
check_linker_flag(C "LINKER:--wrap=malloc" HEED_LINKER_WRAPS)
function(heed_test_watch_allocations target)
  target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/alloc.c)
  if(HEED_LINKER_WRAPS)
    target_compile_definitions(${target} PRIVATE HEED_TEST_WRAPS)
    foreach(symbol malloc calloc realloc aligned_alloc free src_new src_delete)
      target_link_options(${target} PRIVATE "LINKER:--wrap=${symbol}")
    endforeach()
    target_link_libraries(${target} PRIVATE SampleRate::samplerate)
  endif()
endfunction()

# heed_test_use_tiny_model(<target>)
#
# Adds tests/support/tiny_model.h.
function(heed_test_use_tiny_model target)
  target_sources(${target} PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/support/gguf_writer.c
    ${PROJECT_SOURCE_DIR}/tests/support/tiny_model.c)
endfunction()

# heed_cli_command(<variable> <target>) - what runs that program: its file, or a
# script that lets an emulator run it.
function(heed_cli_command variable target)
  set(command $<TARGET_FILE:${target}>)
  if(CMAKE_CROSSCOMPILING_EMULATOR)
    list(JOIN CMAKE_CROSSCOMPILING_EMULATOR "\" \"" emulator)
    set(script ${CMAKE_CURRENT_BINARY_DIR}/emulated/${target})
    file(GENERATE OUTPUT ${script}
      CONTENT "#!/bin/sh\nexec \"${emulator}\" \"${command}\" \"$@\"\n"
      FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    set(command ${script})
  endif()
  set(${variable} ${command} PARENT_SCOPE)
endfunction()
