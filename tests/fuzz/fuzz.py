#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fuzz.py NABLA ROOT [--runs 120] [--seed 1]: scripts made of what tests and lessons type.

A script begins with a network and goes on with lines taken at random from the transcripts,
the table of errors and the lessons under ROOT, some with a word left out, doubled or changed
for another.  Whatever they say, the program ends by itself and with a status that it
documents.  A script that fails is printed, without the lines that it fails without.
"""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

NETS = ["net 3-2-2 sigmoid; x = rand(3); y = rand(2)",
        "net 2-4-3 relu softmax; x = randn(5,2); y = onehot([1,2,3,1,2],3)",
        "net 3-6-4-2 leakyrelu sigmoid precision=single; x = rand(2,3); y = rand(2,2)",
        "net 3 - 4 batchnorm tanh dropout(0.3) - 2 softmax; x = randn(5,3); y = onehot([1,2,1,2,2],2)",
        "data xor; net 2-4-1 tanh sigmoid", "data mnist-mini; net 784-10-10 relu softmax"]
LINES = ["set round 3", "set l2 0.1", "set optimizer adam", "set index to-from", "lesson 1", "lesson 4", "skip", "hint",
         "reveal", "again", "", "next", "0.5", "leave", "quiz", "check z1 = [0.1,0.2]", "explain delta1[j]",
         "explain dw1[1,1] depth=2", "undo", "redo", "step", "unstep", "break z1", "watch w1", "continue", "display loss"]
WORDS = ["w1", "b1", "z1", "a1", "delta1", "dw1", "da1", "x", "y", "loss", "gamma1", "mask1", "mw1", "old(w1)", "1e308",
         "-1", "0", "1e-320", "(0/0)", "[1,2;3,4]", "[]", "99999", "a2[1]/z1[1]", "dL/dw1", "0.5", "7", "1e9"]
# Other files and other hosts are not for here, nor what may rightly take minutes.
LEFT_OUT = re.compile(r"\b(quit|exit|source|fetch|until|sweep|cifar10|mnist)\b(?!-)")
STATUSES = {0, 1, 2, 3, 4}
LATE, LATEST = "does not end", 30  # seconds
LATE_SHARE = 0.02  # of scripts that by chance ask for something as large as a machine: 3072x100


def pool(root):
    """What people type, a line each."""
    lines = list(LINES)
    for path in sorted(root.glob("tests/transcript/*.in")):
        lines += path.read_text(encoding="utf-8").split("\n")
    for row in (root / "tests/errors/table.txt").read_text(encoding="utf-8").split("\n"):
        lines.append(re.sub(r"^[0-9] ", "", row.split(" => ")[0]))
    for path in sorted(root.glob("lessons/*.md")):
        for block in re.findall(r"```nabla[^\n]*\n(.*?)```", path.read_text(encoding="utf-8"), re.S):
            lines += block.split("\n")
    return [line for line in lines if not line.startswith(("#", "@")) and not LEFT_OUT.search(line)]


def changed(line, rng):
    parts = re.findall(r"\w+|\W", line)
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(parts) + 1)
        parts[place:place + rng.randint(0, 1)] = rng.choice(([], [rng.choice(WORDS)], [chr(rng.randrange(32, 127))]))
    return "".join(parts)


def script(lines, rng):
    typed = [rng.choice(NETS)] + [rng.choice(lines if rng.random() < 0.8 else NETS) for _ in range(rng.randint(5, 40))]
    typed = [line if rng.random() < 0.6 else changed(line, rng) for line in typed]
    return [re.sub(r"(epochs|steps)=\w+", r"\1=2", line) for line in typed]


def problem(nabla, lines, arguments):
    try:
        result = program.run(nabla, *arguments, stdin="\n".join(lines) + "\n", cwd=program.folder(), timeout=LATEST)
    except subprocess.TimeoutExpired:
        return LATE
    if result.crash():
        return f"{result.crash()}\n{result.err[-2000:]}"
    return None if result.status in STATUSES else f"status {result.status}"


def shortened(nabla, lines, arguments):
    for place in reversed(range(len(lines))):
        fewer = lines[:place] + lines[place + 1:]
        if problem(nabla, fewer, arguments):
            lines = fewer
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nabla")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng, lines, tally = random.Random(given.seed), pool(given.root), program.Tally()
    nabla, late = os.path.abspath(given.nabla), []
    for run in range(given.runs):
        typed, arguments = script(lines, rng), rng.choice((["-k"], ["-k", "-i"]))
        wrong = problem(nabla, typed, arguments)
        if wrong == LATE:
            late.append("\n".join(typed))
            continue
        if wrong:
            typed = shortened(nabla, typed, arguments)
        tally.check(f"script {run} of seed {given.seed}", wrong and f"{wrong}\n{' '.join(arguments)}\n" + "\n".join(typed))
    many = len(late) > LATE_SHARE * given.runs
    tally.check(f"scripts of seed {given.seed} end", "\n\n".join(late) if many else None)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main())
