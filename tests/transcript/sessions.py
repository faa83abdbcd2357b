#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sessions.py [--write] NABLA NAME.in...: golden sessions, as they look.

Each NAME.in runs as a script with --echo in a folder of its own; NAME.out holds what
it prints, then what it says on stderr and its status, where there is any.
--write rewrites the NAME.out files: read every change before keeping it.
"""
import difflib
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program


def play(nabla, path):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        result = program.run(nabla, "--echo", os.path.basename(path), cwd=folder)
    text = result.out
    if result.err:
        text += "---- stderr\n" + result.err
    if result.status:
        text += f"---- status {result.status}\n"
    return result.crash(), text


def main(*arguments):
    write = arguments[0] == "--write"
    nabla, *paths = arguments[write:]
    nabla = os.path.abspath(nabla)
    tally = program.Tally()
    for path in paths:
        crash, text = play(nabla, path)
        golden = os.path.splitext(path)[0] + ".out"
        if write and not crash:
            with open(golden, "w", encoding="utf-8") as file:
                file.write(text)
        with open(golden, encoding="utf-8") as file:
            expected = file.read()
        difference = "\n".join(difflib.unified_diff(expected.splitlines(), text.splitlines(), "expected", "printed",
                                                    lineterm=""))
        tally.check(os.path.basename(path), crash or difference)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
