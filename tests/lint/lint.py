"""lint.py - rules of the tree that no compiler knows. SPDX-License-Identifier: Apache-2.0

usage: lint.py includes|sizes|headers SOURCE
       lint.py manual SOURCE HEED MANUAL

includes  every #include is root-relative, exists, and points to the file's own
          layer or one below
sizes     files have at most 800 lines, functions at most 80, lines 80 columns
headers   every file says what it is and under which licence
manual    heed.1 and --help have the same options, values and exit codes
"""
import pathlib
import re
import subprocess
import sys

# Lowest first. asr/heed.h is below everything and may be included by all.
LAYERS = ["asr/base", "audio", "frontend", "asr/nn", "lm", "asr", "tools",
          "tests"]
SOURCES = ["audio", "frontend", "asr", "lm", "tools", "tests"]
MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 80
MAX_COLUMNS = 80


def c_files(root):
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.[ch]")):
            yield path.relative_to(root)


def layer_of(path):
    """Index of the deepest layer whose folder holds `path`."""
    text = path.as_posix()
    found = [(len(layer), i) for i, layer in enumerate(LAYERS)
             if text.startswith(layer + "/")]
    return max(found)[1] if found else None


def check_includes(root):
    for path in c_files(root):
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = pathlib.PurePosixPath(match[1])
            where = f"{path}:{number}: {target}"
            if not (root / target).is_file():
                yield f"{where}: not a path from the root"
            elif target.as_posix() != "asr/heed.h" and \
                    layer_of(target) > layer_of(path):
                yield f"{where}: points up"
        if path.as_posix() == "asr/heed.h":
            for line in lines:
                if re.match(r'\s*#\s*include\s+"', line):
                    yield f"{path}: includes more than the C library"


def functions_of(lines):
    """First line, last line and name of every function: a brace in the first
    column begins and ends one in our layout."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            yield begin, number, lines[begin - 2].strip()
            begin = None


def check_sizes(root):
    for path in c_files(root):
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        if len(lines) > MAX_FILE_LINES:
            yield f"{path}: {len(lines)} lines"
        for begin, end, name in functions_of(lines):
            if end - begin + 1 > MAX_FUNCTION_LINES:
                yield f"{path}:{begin}: {end - begin + 1} lines: {name}"
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS:
                yield f"{path}:{number}: {len(line)} columns"
            if "\t" in line or line != line.rstrip():
                yield f"{path}:{number}: tab or blank at the end"


def check_headers(root):
    for path in c_files(root):
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        top = "\n".join(lines).split("*/")[0]
        if not re.match(rf"/\* {re.escape(path.name)} - \S", top):
            yield f"{path}: does not begin with `/* {path.name} - ...`"
        if not re.search(r"SPDX-License-Identifier:\s*(\*\s*)?Apache-2.0",
                         top):
            yield f"{path}: no licence in its first comment"
        if path.suffix == ".h":
            text = "\n".join(lines)
            guard = "HEED_" + re.sub(r"\W", "_",
                                     path.with_suffix("").as_posix()).upper()
            guard = "HEED" if path.as_posix() == "asr/heed.h" else guard
            if not re.search(rf"#ifndef {guard}_H\n#define {guard}_H\n", text):
                yield f"{path}: the guard is not {guard}_H"
        for number, line in enumerate(lines, 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                yield f"{path}:{number}: unfinished"


def options_of_help(text):
    options = set()
    for line in text.splitlines():
        match = re.match(r"  (?:-(\w), |    )--([\w-]+)(?: ([A-Z]+))?(?:\s|$)",
                         line)
        if match:
            options.add(match.groups())
    return options


def options_of_manual(text):
    options = set()
    for line in re.findall(r"^\.It Fl (.+)$", text, re.M):
        match = re.fullmatch(r"(?:(\w) , Fl )?Fl ([\w-]+)(?: Ar ([A-Z]+))?",
                             line)
        if match:
            options.add(match.groups())
    return options


def check_manual(root, heed, manual):
    text = pathlib.Path(manual).read_text(encoding="utf-8")
    overview, *sections = re.split(r"^\.Ss heed ", text, flags=re.M)
    sections = {s.split("\n", 1)[0]: s for s in sections}
    commands = {"": overview, **sections}
    listed = subprocess.run([heed, "--help"], capture_output=True, text=True,
                            check=True).stdout
    for command in re.findall(r"^  ([a-z]+) {4,}", listed, re.M):
        if command not in commands:
            yield f"{manual}: has no section `heed {command}`"
    for command, section in commands.items():
        section = re.split(r"^\.Sh (?!DESCRIPTION|SYNOPSIS|NAME)", section,
                           flags=re.M)[0]
        called = [heed, *command.split(), "--help"]
        shown = subprocess.run(called, capture_output=True, text=True,
                               check=True).stdout
        for option in options_of_help(shown) ^ options_of_manual(section):
            yield f"heed {command}: {option}: in one of --help, {manual}"
    codes = set(re.findall(r"^  (\d+) +\w", listed, re.M))
    section = text.split(".Sh EXIT STATUS")[1].split(".Sh ")[0]
    readme = (root / "README.md").read_text(encoding="utf-8")
    if codes != set(re.findall(r"^\.It (\d+)$", section, re.M)):
        yield f"{manual}: exit codes differ from --help"
    if codes != set(re.findall(r"^\| (\d+) \|", readme, re.M)):
        yield "README.md: exit codes differ from --help"


def main():
    kind, root = sys.argv[1], pathlib.Path(sys.argv[2])
    checks = {"includes": check_includes, "sizes": check_sizes,
              "headers": check_headers, "manual": check_manual}
    faults = list(checks[kind](root, *sys.argv[3:]))
    print("\n".join(faults) or "nothing found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
