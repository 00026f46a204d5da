"""check_progress.py - the bar on a terminal. SPDX-License-Identifier: Apache-2.0

usage: check_progress.py HEED FILE
"""
import os
import pty
import subprocess
import sys


def run(heed, arguments, changes):
    """What the command writes to a terminal on stderr."""
    environment = {**os.environ, "TERM": "xterm", **changes}
    environment.pop("NO_COLOR", None) if not changes.get("NO_COLOR") else None
    master, slave = pty.openpty()
    process = subprocess.Popen([heed, "transcribe", *arguments], stderr=slave,
                               stdout=subprocess.DEVNULL, env=environment)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait() == 0
    os.close(master)
    return shown


def main():
    heed, file = sys.argv[1:]
    shown = run(heed, [file], {})
    assert b"%" in shown and b"\x1b[36m" in shown, shown
    assert shown.endswith(b"\r\x1b[K"), shown
    shown = run(heed, [file], {"NO_COLOR": "1"})
    assert b"%" in shown and b"\x1b[36m" not in shown, shown
    assert run(heed, ["-q", file], {}) == b""
    assert run(heed, [file], {"TERM": "dumb"}) == b""


if __name__ == "__main__":
    main()
