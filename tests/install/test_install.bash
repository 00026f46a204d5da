# test_install.bash - heed in somebody's program. SPDX-License-Identifier: Apache-2.0
#
# usage: test_install.bash static|shared
#
# Set by CMake: SOURCE and CMAKE, and CC of the build. Builds heed, installs it
# where it was not configured for, and uses it from there by find_package, by
# pkg-config and by its own command; and from its sources by add_subdirectory.
set -eu
kind=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/a prefix"
example="$SOURCE/tools/examples/transcribe.c"
model="$SOURCE/asr/models/heed-en.gguf"
export CMAKE_BUILD_PARALLEL_LEVEL=2
shared=OFF
[ "$kind" = static ] || shared=ON

step() { printf -- '--- %s\n' "$*"; }

# hears PROGRAM... - it must find the same words as the command has found.
hears() {
    step "hears: $*"
    tail -c +45 "$SOURCE/tools/examples/hello.wav" | "$@" >"$work/words"
    awk '{ printf "%s%s", sep, $2; sep = " " } END { print "" }' \
        "$work/words" | tee "$work/heard"
    cmp "$work/heard" "$work/text"
}

step "builds and installs a $kind library"
"$CMAKE" -S "$SOURCE" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DBUILD_SHARED_LIBS=$shared -DHEED_BUILD_TESTS=OFF >"$work/log" ||
    { cat "$work/log"; exit 1; }
"$CMAKE" --build "$work/build" >"$work/log" || { cat "$work/log"; exit 1; }
DESTDIR='' "$CMAKE" --install "$work/build" --prefix "$prefix" >"$work/log"
find "$prefix" -type f | sed "s|$prefix|    PREFIX|"
headers=$(find "$prefix/include" -type f)
[ "$headers" = "$prefix/include/heed.h" ]
library=$(dirname "$(find "$prefix" -name 'libheed.*' | head -n 1)")
export LD_LIBRARY_PATH="$library"
# Nothing may be taken from the build any more.
rm -r "$work/build"

step "the installed command finds the installed model"
"$prefix/bin/heed" transcribe "$SOURCE/tools/examples/hello.wav" \
    >"$work/text"
cat "$work/text"
[ -s "$work/text" ]
[ -f "$prefix/share/man/man1/heed.1" ]

step "find_package"
"$CMAKE" -S "$SOURCE/tests/install/consumer" -B "$work/found" -G Ninja \
    -DCMAKE_PREFIX_PATH="$prefix" -DEXAMPLE="$example" >"$work/log" ||
    { cat "$work/log"; exit 1; }
"$CMAKE" --build "$work/found"
hears "$work/found/consumer" "$model"

step "pkg-config"
# Its names cannot hold a space.
ln -s "$prefix" "$work/prefix"
export PKG_CONFIG_PATH="$work/prefix/${library#"$prefix/"}/pkgconfig"
flags=$(pkg-config --define-variable=prefix="$work/prefix" --cflags --libs heed)
# shellcheck disable=SC2086 # one word each
"${CC:-cc}" -std=c11 "$example" -o "$work/byflags" $flags
hears "$work/byflags" "$model"

if [ "$kind" = static ]; then
    step "add_subdirectory"
    "$CMAKE" -S "$SOURCE/tests/install/consumer" -B "$work/sub" -G Ninja \
        -DHEED_SOURCE="$SOURCE" -DEXAMPLE="$example" \
        -DCMAKE_BUILD_TYPE=Release >"$work/log" ||
        { cat "$work/log"; exit 1; }
    "$CMAKE" --build "$work/sub" >"$work/log" || { cat "$work/log"; exit 1; }
    hears "$work/sub/consumer" "$model"
    # As a part of something else heed builds no tests and no command.
    [ ! -e "$work/sub/heed/tools/heed" ]
fi
echo "all passed"
