#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""numbers.py NABLA LESSONS [all [NN]]: a lesson with one number changed fails, in the section of that number.

What a lesson shows is pinned: the blocks of commands by what they print or expect, the questions by
names, and prose has its values by `=x[1]`.  Numbers of slow lessons are sampled; `all` takes each, of lesson NN only.
"""
import collections
import concurrent.futures
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

NUMBER = re.compile(r"(?<![\w.^²³])(?:\d+(?:\.\d+)?|\.\d+)(?=(?:e[-+]?\d+)?(?![\w]))")

# of the lessons that train: how many numbers are changed, each a run of seconds
SAMPLED = {"02-from-paper-to-cifar": 20, "06-linear-and-xor": 14, "07-mnist-tricks": 16, "08-overfitting": 16,
           "09-cifar-10": 10}

# what may be another number, in blocks of each kind, and why
FREE = {
    "nabla": [
        r'"[^"]*"',  # what a run is called
        r"\bwithin \S+",  # how exact a comparison is
        r"^expect .*[<>].*",  # a bound, with room
        r"\beps=\S+|^h = [\d.]+",  # a slope does not depend on the nudge
    ],
    "ask": [
        r".*",  # an answer has names only, whose indices say what is asked for; the rest proves nothing
    ],
    "output": [],
}

# parts of commands whose numbers may be others, and why
OPEN = {
    "01-pen-and-paper": [
        r"print dw1\[1,1\]$",  # x1 and x2 are equal, and so are their derivatives
        r"unstep 2 iteration",  # there are no more
    ],
    "06-linear-and-xor": [
        r"train lr=1 .* epochs=300 quiet",  # it is stuck at any rate
        r"epochs=5000",  # a limit, not reached
        r"sweep lr=1e-2 .*",  # any rate comes to this minimum
    ],
    "07-mnist-tricks": [
        r"a1 < 0.05 or a1 > 0.95",  # with fan-in no unit is near either bound
        r"net 784-64-10 lecun softmax$",  # sweep's hidden= takes the place of 64
    ],
    "08-overfitting": [
        r"\bdw1\[1,1\]",  # as above
        r"set l2 0$",  # it shows in the sections behind
    ],
    "09-cifar-10": [
        r"schedule=exp\(1e-\d\)",  # in so few epochs it shows in no digit
    ],
}

# numbers in prose and questions that nabla did not compute
QUOTED = {
    "02-from-paper-to-cifar": ["3,938", "0.005", "50,000", "10,000"],  # of the report, of the data
    "06-linear-and-xor": ["3,748", "3,938", "0.005", "400"],  # of the report
    "07-mnist-tricks": ["70,000", "20,000", "1.7159"],  # of the data, of the report; of a formula
    "09-cifar-10": ["47.8", "2000", "700"],  # of the homework, and of the other report
}

Number = collections.namedtuple("Number", "line start end")  # line from 0


def walk(lines):
    """(line number, line, kind) with the kind of its block: nabla, output, ask; prose; None elsewhere."""
    kind, fenced, skipped = "prose", False, False
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            yield number, line, kind
            continue
        fenced = not fenced
        words = line.strip("`\n").split() or [None]
        if fenced and words[0] != "output":
            skipped = any(word.startswith("needs=") for word in words[1:])
        kind = "prose" if not fenced else words[0] if words[0] in FREE and not skipped else None
        yield number, line, None


def numbers_of(lines, name):
    for at, line, kind in walk(lines):
        if kind not in FREE:
            continue
        patterns = FREE[kind] + (OPEN.get(name, []) if kind == "nabla" else [])
        free = [match.span() for pattern in patterns for match in re.finditer(pattern, line)]
        for match in NUMBER.finditer(line):
            if not any(first <= match.start() < last for first, last in free):
                yield Number(at, match.start(), match.end())


def changed(lines, number):
    """The lesson up to the end of the number's section, with its last digit another one."""
    line = lines[number.line]
    digit = str((int(line[number.end - 1]) + 1) % 10)
    text = lines[:]
    text[number.line] = line[:number.end - 1] + digit + line[number.end:]
    heads = [at for at, words, kind in walk(lines) if kind == "prose" and words.startswith("# ") and at > number.line]
    return "".join(text[:heads[0]] if heads else text)


def problem_with(nabla, name, lines, number):
    folder = program.folder()
    path = os.path.join(folder, name + ".md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(changed(lines, number))
    result = program.run(nabla, "--test", path, cwd=folder, timeout=180)
    named = [int(line) for line in re.findall(re.escape(path) + r":(\d+):", result.err)]
    if result.crash():
        return result.crash()
    if result.status == 0:
        return "passes"
    return None if any(line > number.line for line in named) else "names no line from there: " + result.err


def test_changes(nabla, path, every, tally):
    name = os.path.basename(path)[:-3]
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    numbers = list(numbers_of(lines, name))
    if not every and name in SAMPLED:
        numbers = numbers[:: -(-len(numbers) // SAMPLED[name])]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = pool.map(lambda number: problem_with(nabla, name, lines, number), numbers)
        for number, problem in zip(numbers, problems):
            line = lines[number.line]
            marked = f"{line[:number.start]}⟦{line[number.start:number.end]}⟧{line[number.end:].rstrip()}"
            tally.check(f"{name}:{number.line + 1}: {marked}", problem)


def test_prose(path, tally):
    """What nabla computes stands in prose by its expression."""
    name = os.path.basename(path)[:-3]
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    for at, line, kind in walk(lines):
        if kind != "prose" and not (kind == "ask" and line.startswith("question:")):
            continue
        words = re.sub(r"`[^`]*`|\{[\d,]*\}|\d+(-\d+)+", "", line)  # code, indices, the sizes of networks
        for match in re.finditer(r"(?<![\w.,^])\d+(?:,\d+)*(?:\.\d+)?(?!\w)", words):
            known = match.group() in QUOTED.get(name, ()) or re.fullmatch(r"\d\d?", match.group())
            tally.check(f"{name}:{at + 1}: {match.group()} in prose: {line.strip()}", None if known else "typed in")


def main(nabla, lessons, every=None, only=""):
    nabla = os.path.abspath(nabla)
    tally = program.Tally()
    for path in sorted(glob.glob(os.path.join(lessons, only + "*.md"))):
        test_prose(path, tally)
        test_changes(nabla, path, every == "all", tally)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
