#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""readme.py NABLA README.md: the session in it, up to where it loads data, is what the program prints."""
import difflib
import itertools
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program


def main(nabla, path):
    with open(path, encoding="utf-8") as file:
        blocks = re.findall(r"^```\n(∇ .*?)^```$", file.read(), re.M | re.S)
    session = "".join(itertools.takewhile(lambda block: "∇ data " not in block, blocks))
    commands = "\n".join(line[2:] for line in session.splitlines() if line.startswith("∇ "))
    result = program.run(nabla, "-q", "--echo", "-c", commands)
    difference = "\n".join(difflib.unified_diff(session.splitlines(), result.out.splitlines(), "README.md", "printed",
                                                lineterm=""))
    tally = program.Tally()
    tally.check("README.md", result.crash() or result.err or difference)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
