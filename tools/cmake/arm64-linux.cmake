# arm64-linux.cmake - a toolchain for 64-bit ARM, run under QEMU.
# SPDX-License-Identifier: Apache-2.0
#
# Debian's cross compiler with the libraries of tools/scripts/arm64-sysroot;
# tests run by themselves, in qemu-aarch64.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(HEED_ARM64_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../../build/arm64-sysroot
  CACHE PATH "What tools/scripts/arm64-sysroot made")
get_filename_component(sysroot ${HEED_ARM64_SYSROOT} ABSOLUTE)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HEED_ARM64_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${sysroot}/usr)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${sysroot}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${sysroot})
# GCC 12.2 stops with an internal error where it makes vectors of a sum in
# tests/unit/test_encoder.c. Our NEON loops are written as such.
set(CMAKE_C_FLAGS_INIT -fno-tree-vectorize)
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,-rpath-link,${sysroot}/usr/lib/aarch64-linux-gnu")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64;-L;${sysroot})
