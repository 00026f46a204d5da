"""readme.py - what README.md shows is true. SPDX-License-Identifier: Apache-2.0

usage: readme.py SOURCE CC

The C code compiles, the files it names exist, and the packages are those of
tools/scripts/setup.
"""
import pathlib
import re
import subprocess
import sys

FRAME = """#include <heed.h>
#include <stdio.h>
#include <stdlib.h>
int run(const float *samples, size_t count);
int run(const float *samples, size_t count) {
%s
return EXIT_SUCCESS;
}
"""


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
    text = (root / "README.md").read_text(encoding="utf-8")
    for code in re.findall(r"```c\n(.*?)```", text, re.S):
        subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-Werror",
                        "-fsyntax-only", f"-I{root / 'asr'}", "-xc", "-"],
                       input=FRAME % code, text=True, check=True)
    for target in re.findall(r"\]\(([^):]+)\)", text):
        assert (root / target).exists(), target
    for target in re.findall(r"^\./(\S+)$", text, re.M):
        assert (root / target).stat().st_mode & 0o100, target
    packages = subprocess.run([root / "tools/scripts/setup", "list"],
                              capture_output=True, text=True, check=True)
    for package in packages.stdout.split():
        assert re.search(rf"[`\s]{re.escape(package)}[`\s]", text), package
    print("nothing found")


if __name__ == "__main__":
    main()
