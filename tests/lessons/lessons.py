#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""lessons.py NABLA LESSONS: every lesson passes as a test and plays; faulty ones say where."""
import glob
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

GOOD = """---
title: Good
order: 3
---
# One

```nabla
a = [1, 2;
     3, 4]
print a @ a
```

```output
...
[[7, 10], [15, 22]]
```

```nabla silent
b = 0.123456
```

```nabla
print b
expect b ~ 0.12346 within 1e-4
expect fails 3 "print nowhere"
```

```output
0.1235
```

```nabla fails
print w9
```

```output
error: ...
print w9
...
```

```nabla needs=cifar10
print 1
```

```output
2
```
"""

# what is replaced, by what; status, the line that is named, part of what is said
FAULTS = [
    ("[15, 22]", "[15, 23]", 1, 15, "wrong output"),
    ("0.1235\n", "0.1236\n", 1, 29, "0.123456"),
    ("a @ a", "a @ nothing", 1, 10, "error: "),
    ("0.123456", "0.3", 1, 24, "b is 0.3"),
    ("fails 3", "fails 2", 1, 25, "status 3, not 2"),
    ("print w9\n```", "print 9\n```", 1, 32, "expected to fail"),
    ("nabla silent", "nabla silently", 2, 18, "silently"),
    ("nabla fails", "nabla fail", 2, 32, "unknown word fail"),
    ("order: 3", "author: me", 2, 3, "unknown key author in the front matter; the keys are title, order, skip, vary"),
    ("order: 3", "order: third", 2, 3, "whole number"),
    ("print b\n", "lesson 1\n", 1, 23, "cannot begin"),
    ("print b\n", "leave\n", 1, 23, "cannot begin"),
    ("print b\n", "quit\n", 1, 23, "cannot begin"),
    ("print b\n", "source lesson.md\n", 1, 23, "cannot begin"),
    ("print b\n", "forward\n", 1, 23, "no network"),
]

HOSTILE = {
    "large": b"word " * 10_500_000,
    "binary": bytes(range(256)) * 400,
    "nul": b"# A\n\0\n",
    "escape": b"\x1b]0;title\x07# A\n",
    "quotes": b">" * 9000 + b" deep\n",
    "list": b"".join(b" " * (2 * depth) + b"- a\n" for depth in range(2000)),
    "brackets": b"[" * 9000 + b"\n",
    "fences": b"```nabla\n" * 20_000,
    "brackets in commands": b"```nabla\nprint " + b"(" * 9000 + b"\n```\n",
}


def test_shipped(nabla, lessons, tally):
    paths = sorted(glob.glob(os.path.join(lessons, "*.md")))
    tally.check("there are lessons", None if len(paths) >= 2 else "too few")
    for path in paths:
        began = time.monotonic()
        result = program.run(nabla, "--test", path)
        last = result.out.splitlines()[-1:]
        good = result.status == 0 and last and last[0].endswith(" passed, 0 failed")
        tally.check(path, result.crash() or (None if good else result.out + result.err))
        tally.check(path + ": time", None if time.monotonic() - began < 60 else "over a minute")
        result = program.run(nabla, path)
        tally.check(path + ": plays", result.crash() or (result.err if result.status else None))
        shown = program.run(nabla, path, LC_ALL="C").out
        tally.check(path + ": ASCII", None if shown.isascii() else "not all of it")


# makes of a report one that trains a step on the samples that nabla comes with
SHRINK = [
    (r"(?s)```output\n.*?```\n", ""), (r" needs=\w+", ""), (r"\b(mnist|cifar10)$", r"\1-mini"),
    (r"^expect .*$", ""), (r"^split .*$", "split 0.8 0.1"), (r" (epochs|until)=(\"[^\"]*\"|[\d,]+)", ""),
    (r"^((sweep|train) .*)$", r"\1 steps=1"),
]


def shrink(path, folder):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for old, new in SHRINK:
        text = re.sub(old, new, text, flags=re.MULTILINE)
    return write(folder, os.path.basename(path), text)


def test_reports(nabla, lessons, folder, tally):
    """They train for minutes on data that is not here: their other blocks pass, the rest is skipped."""
    paths = sorted(glob.glob(os.path.join(lessons, "report", "*.md")))
    tally.check("there are reports", None if paths else "none")
    for path in paths:
        result = program.run(nabla, "--test", path)
        good = result.status == 0 and result.out.endswith(" passed, 0 failed\n")
        tally.check(path, result.crash() or (None if good else result.out + result.err))
        with open(path, encoding="utf-8") as file:
            asks = file.read().count("```nabla needs=")
        skipped = result.err.count(": skipped, for want of the data ")
        tally.check(path + ": skips", None if skipped == asks else f"{skipped} of {asks}")
        result = program.run(nabla, "-q", shrink(path, folder))
        tally.check(path + ": on samples", result.crash() or (result.err if result.status else None))


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def test_faults(nabla, folder, tally):
    result = program.run(nabla, "--test", write(folder, "good.md", GOOD))
    tally.check("good", None if (result.status, result.out) == (0, "7 passed, 0 failed\n") else result.out + result.err)
    tally.check("good skips", None if "good.md:42: skipped" in result.err else result.err)
    for old, new, status, line, said in FAULTS:
        text = GOOD.replace(old, new, 1)
        path = write(folder, "faulty.md", text)
        result = program.run(nabla, "--test", path)
        good = result.status == status and f"{path}:{line}:" in result.err and said in result.err
        good = good and " 0 failed" not in result.out
        tally.check(f"{old!r} → {new!r}", result.crash() or (None if good else f"{result.status} {result.err}"))


def test_hostile(nabla, folder, tally):
    for name, text in HOSTILE.items():
        path = write(folder, "hostile.md", text)
        for arguments in (["--test", path], [path]):
            began = time.monotonic()
            result = program.run(nabla, *arguments, timeout=20)
            seconds = time.monotonic() - began
            problem = result.crash()
            if not problem and result.status == 0 and name != "brackets":
                problem = "no error"
            if not problem and "\x1b" in result.out + result.err:
                problem = "escapes reached the output"
            if not problem and seconds > 3:
                problem = f"took {seconds:.1f} s"
            tally.check(f"{name} {arguments[0]}", problem)


def test_loops(nabla, folder, tally):
    path = write(folder, "loop.md", "```nabla\nlesson loop.md\n```\n")
    result = program.run(nabla, path, cwd=folder)
    tally.check("a lesson within itself", None if result.status == 3 else f"{result.status} {result.err}")
    missing = program.run(nabla, "--test", os.path.join(folder, "none.md"))
    tally.check("missing", None if missing.status == 4 else f"{missing.status} {missing.err}")


def test_list(nabla, folder, tally):
    shelf = os.path.join(folder, "shelf")
    os.mkdir(shelf)
    write(shelf, "20-second.md", "---\ntitle: The second\norder: 20\n---\n")
    write(shelf, "1-first.md", "---\norder: 1\n---\n# The first\n\nHello.\n")
    write(shelf, "other.txt", "no lesson")
    result = program.run(nabla, "-c", "lessons", NABLA_LESSONS=shelf)
    lines = [line.split() for line in result.out.splitlines()]
    wanted = [["1", "The", "first", "1-first"], ["20", "The", "second", "20-second"]]
    tally.check("lessons", None if lines == wanted else result.out + result.err)
    for word in ("1", "first", "1-first", "fi", os.path.join(shelf, "1-first.md")):
        result = program.run(nabla, "-c", f"lesson {word}", NABLA_LESSONS=shelf)
        tally.check(f"lesson {word}", None if "Hello." in result.out else result.err)
    for word, status, said in (("furst", 2, "first"), ("7", 2, "lessons"), ("no.md", 4, "no.md")):
        result = program.run(nabla, "-c", f"lesson {word}", NABLA_LESSONS=shelf)
        good = result.status == status and said in result.err
        tally.check(f"lesson {word}", None if good else f"{result.status} {result.err}")
    result = program.run(nabla, "-c", "lessons", NABLA_LESSONS=shelf + "/none")
    tally.check("no folder", None if result.status == 4 else f"{result.status} {result.err}")


def main(nabla, lessons):
    nabla = os.path.abspath(nabla)
    tally = program.Tally()
    test_shipped(nabla, lessons, tally)
    with tempfile.TemporaryDirectory() as folder:
        test_reports(nabla, lessons, folder, tally)
        test_faults(nabla, folder, tally)
        test_hostile(nabla, folder, tally)
        test_loops(nabla, folder, tally)
        test_list(nabla, folder, tally)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
