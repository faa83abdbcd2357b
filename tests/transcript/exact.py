#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""exact.py NABLA TABLE...: the exact forms of the language, one run of the program a case.

A table holds groups of lines with blank lines between.  A line that begins with `@` sets
the commands that come first from there on (`@ exercise` is the pen-and-paper exercise);
`#` begins a comment.  The other lines of a group:

    COMMANDS
    => a line that the program must print     (several: its last lines, in this order)
    =~ a regular expression for a whole line
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program


def groups(path):
    """(line number, first commands, commands, [(is pattern, expected line)])"""
    first, commands, expected, start = "", [], [], 0
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines() + [""]
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        if line.startswith("@"):
            first = line[1:].strip()
            first = program.EXERCISE if first == "exercise" else first
        elif line.startswith(("=> ", "=~ ")):
            expected.append((line[1] == "~", line[3:]))
        elif line:
            commands.append(line)
            start = start or number
        elif commands:
            yield start, first, "\n".join(commands), expected
            commands, expected, start = [], [], 0


def problem(result, expected):
    if result.crash():
        return result.crash() + "\n" + result.err
    if result.status:
        return f"status {result.status}\n{result.err}"
    lines = result.out.splitlines()[-len(expected):]
    same = len(lines) == len(expected) and all(
        re.fullmatch(text, line) if pattern else text == line for (pattern, text), line in zip(expected, lines))
    if not same:
        return "expected " + "\n         ".join(text for _, text in expected) + "\nprinted  " + "\n         ".join(lines)
    return None


def main(nabla, *tables):
    tally = program.Tally()
    for table in tables:
        for number, first, commands, expected in groups(table):
            arguments = (["-c", first] if first else []) + ["-c", commands]
            result = program.run(nabla, "-q", *arguments)
            tally.check(f"{os.path.basename(table)}:{number}: {commands}", problem(result, expected))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
