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

```cabal
name: no block of ours
```
"""

# what is replaced, by what; status, the line that is named, part of what is said
FAULTS = [
    ("[15, 22]", "[15, 23]", 1, 15, "wrong output"),
    ("0.1235\n", "0.1236\n", 1, 29, "0.123456"),
    ("...\n[[7", "...\n[[8", 1, 15, "[[7, 10], [15, 22]]"),
    ("[15, 22]]\n", "[15, 23]]\n...\n", 1, 15, "    [[7, 10], [15, 22]]"),
    ("a @ a", "a @ nothing", 1, 10, "error: "),
    ("0.123456", "0.3", 1, 24, "b is 0.3"),
    ("fails 3", "fails 2", 1, 25, "status 3, not 2"),
    ("print w9\n```", "print 9\n```", 1, 32, "expected to fail"),
    ("nabla silent", "nabla silently", 2, 18, "silently"),
    ("nabla fails", "nabla fail", 2, 32, "unknown word fail"),
    ("```nabla silent", "```nable silent", 2, 18, "unknown kind of block nable: did you mean nabla?"),
    ("```output", "```outptu", 2, 13, "unknown kind of block outptu: did you mean output?"),
    ("order: 3", "author: me", 2, 3, "unknown key author in the front matter; the keys are title, order, skip, vary"),
    ("order: 3", "order: third", 2, 3, "whole number"),
    ("print b\n", "lesson 1\n", 1, 23, "cannot begin"),
    ("print b\n", "leave\n", 1, 23, "cannot begin"),
    ("print b\n", "quit\n", 1, 23, "cannot begin"),
    ("print b\n", "source lesson.md\n", 1, 23, "cannot begin"),
    ("print b\n", "forward\n", 1, 23, "no network"),
    ("# One\n", "# One\nThe $\\ofni{x}$ is $\\sigma$.\n", 1, 6, "unknown command \\ofni"),
    ("# One\n", "# One\n$x_1 = `=b`$\n", 1, 6, "code within $...$"),
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
    "questions": b"".join(b"```ask q%d\nquestion: q\nanswer: 1 + 1\n```\n" % i for i in range(20_000)),
    "quotes in a question": b"```ask q\nquestion: " + b">" * 9000 + b"\nanswer: nothing\n```\n",
    "brackets in an answer": b"```ask q\nquestion: q\nanswer: " + b"(" * 9000 + b"\n```\n",
    "hints": b"```ask q\nquestion: q\nanswer: nothing\n" + b"hint: h\n" * 100_000 + b"```\n",
    "brackets in commands": b"```nabla\nprint " + b"(" * 9000 + b"\n```\n",
}


PATIENCE = 180  # seconds: a lesson takes a tenth of it, but for sanitizers and the full data


NUMBER = r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?"


def given_away(shown):
    """Right answers, of three digits or more, that the lesson shows above their questions."""
    found = []
    for answer in re.finditer(r"^ +answer: (-?\d[^ \n]*)$", shown, re.MULTILINE):
        right = float(answer[1])
        above = shown[:shown.rfind("\nQuestion ", 0, answer.start())]
        for number in set(re.findall(NUMBER, re.sub(r"(?<=\d),(?=\d{3})", "", above))):
            digits = len(re.sub(r"e.*|\D", "", number).lstrip("0"))
            if digits >= 3 and float(f"{right:.{digits}g}") == float(number):
                found.append(f"{answer[1]} stands above its question: {number}")
    return "\n".join(found) or None


def test_shipped(nabla, lessons, tally):
    paths = sorted(glob.glob(os.path.join(lessons, "*.md")))
    tally.check("there are lessons", None if len(paths) >= 2 else "too few")
    for path in paths:
        began = time.monotonic()
        result = program.run(nabla, "--test", path, timeout=PATIENCE)
        last = result.out.splitlines()[-1:]
        good = result.status == 0 and last and last[0].endswith(" passed, 0 failed")
        tally.check(path, result.crash() or (None if good else result.out + result.err))
        tally.check(path + ": time", None if time.monotonic() - began < PATIENCE else "too long")
        result = program.run(nabla, path, timeout=PATIENCE)
        tally.check(path + ": plays", result.crash() or (result.err if result.status else None))
        tally.check(path + ": answers", given_away(result.out))
        shown = program.run(nabla, path, LC_ALL="C", timeout=PATIENCE).out
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


ASKING = """---
vary: seed
---
# One

```nabla silent
net 2-2-1 sigmoid
x = round(0.2 + 0.6 * rand(2), 2); y = [1]
w1 = round(rand(2, 2), 1); b1 = [0, 0.5]; w2 = [1; 2]; b2 = [0.25]
```

Here is `=x[1]`.

```ask z11 points=2 tries=2
question: What is z1[1], from `=x`?
answer: z1[1]
digits: 3
wrong: z1[2] + 1 => That is unit 2.
hint: Look at `=w1`.
```

```ask d2
question: What is $\\delta^2$?
answer: [delta2[1], 2 * delta2[1]]
tolerance: 1e-6
wrong: [yhat[1] - y[1], 0] => One factor is missing.
```

```nabla silent
forward quiet; backward quiet
```

```ask u
question: And the new weight?
answer: update w2[1,1]
```

```ask why
question: What lowers the loss?
choices: update | a larger rate
answer: update
wrong: 2 => Only to a point.
```
"""

ASK_FAULTS = [
    ("`=x[1]`", "`=x[9]`", 1, 12, "x"),
    ("from `=x`", "from `=nothing`", 1, 15, "nothing"),
    ("`=w1`", "`=z1`", 1, 19, "z1"),
    ("z1[1]\ndig", "z9[1]\ndig", 1, 16, "z9"),
    ("z1[1]\ndig", "z1[1\ndig", 1, 16, "never closed"),
    ("z1[2] + 1", "z1[1] + 1e-5", 1, 18, "to the digits asked it is the answer"),
    ("z1[2] + 1", "z1", 1, 18, "expected a number, found a vector of 2"),
    ("update w2[1,1]", "update w2", 1, 35, "one element"),
    ("update w2[1,1]", "update z1[1]", 1, 35, "no parameter"),
    ("ask u\n", "ask d2\n", 2, 33, "asked before"),
    ("answer: update\n", "answer: both\n", 2, 41, "none of the choices"),
    ("ask why", "ask why tries=none", 2, 38, "number of tries"),
    ("question: What", "question: See `print w1, z7`. What", 1, 15, "z7"),
]


def test_asking(nabla, folder, tally):
    path = write(folder, "asking.md", ASKING)
    result = program.run(nabla, "--test", path)
    tally.check("asking", None if (result.status, result.out) == (0, "6 passed, 0 failed\n") else result.out + result.err)
    for old, new, status, line, said in ASK_FAULTS:
        path = write(folder, "faulty.md", ASKING.replace(old, new, 1))
        result = program.run(nabla, "--test", path)
        good = result.status == status and f"{path}:{line}:" in result.err and said in result.err
        good = good and " 0 failed" not in result.out
        tally.check(f"{old!r} → {new!r}", result.crash() or (None if good else f"{result.status} {result.err}"))


def test_seeds(nabla, folder, tally):
    """Every variant of a lesson that varies; others once."""
    path = write(folder, "asking.md", ASKING)
    for text, arguments, status, out, err in (
            (ASKING, ["--seeds", "1..20"], 0, "120 passed, 0 failed\n", ""),
            (ASKING.replace("vary: seed", "order: 1"), ["--seeds", "1..20"], 0, "6 passed, 0 failed\n", ""),
            (ASKING.replace("z1[2] + 1", "z1[1] + 0.001 * (w1[1,1] < 0.95)"), ["--seeds", "1..50"], 1, None,
             "the above with --seed "),
            (ASKING, ["--seeds", "20..1"], 2, "", "expected --seeds A..B"),
            (ASKING, ["--seeds", "1"], 2, "", "expected --seeds A..B"),
    ):
        write(folder, "asking.md", text)
        result = program.run(nabla, "--test", path, *arguments)
        good = result.status == status and out in (None, result.out) and err in result.err
        tally.check(f"--seeds {arguments} {status}", None if good else f"{result.status} {result.out} {result.err}")
    result = program.run(nabla, "--seeds", "1..2", path)
    tally.check("--seeds alone", None if result.status == 2 and "--test" in result.err else result.err)
    shown = [program.run(nabla, "--seed", seed, "-c", f"lesson {path}", "-c", "print x").out for seed in "112"]
    tally.check("--seed draws the numbers", None if shown[0] == shown[1] != shown[2] else shown[0])


JUDGING = """# One

```nabla silent
net 3-2-2 sigmoid
w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]; w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]
input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1
forward quiet; backward quiet; mine = 0.25; n = 4
```

```ask q
question: q
%s
```
"""

RIGHT, WRONG, COARSE, ERROR = "\nright\n", "\nwrong\n", "\nRight as far", "error: "
DELTA = "answer: delta2[1]\n"  # -0.0243475
# the lines of the question, an answer, what is said to it
JUDGED = [
    (DELTA, "-0.0243", RIGHT), (DELTA, "-0.024347", RIGHT), (DELTA, "-0.02435", RIGHT), (DELTA, "-0.024", RIGHT),
    (DELTA, "-0.0244", WRONG), (DELTA, "-0.0243476", WRONG), (DELTA, "0.0243", "mistake: wrong-sign"),
    (DELTA, "-0.02", WRONG), (DELTA, "(0.76469 - 0.9)*0.76469*(1 - 0.76469)", RIGHT), (DELTA, "-2.43475e-2", RIGHT),
    (DELTA, "- 0.0243475", RIGHT), (DELTA, "delta2[1] = -0.0243475", RIGHT), (DELTA, "delta2[ 1 ]=-0.0243475", RIGHT),
    (DELTA, "-0,0243", ERROR), (DELTA, "delta2", ERROR), (DELTA, "[-0.0243]", RIGHT), (DELTA, "nothing", ERROR),
    (DELTA, "1/0", ERROR), (DELTA, "0/0", ERROR), (DELTA, "1e400", ERROR), (DELTA, "frwrd", ERROR),
    (DELTA + "digits: 3", "-0.0243", RIGHT), (DELTA + "digits: 3", "-0.02434", RIGHT),
    (DELTA + "digits: 3", "-0.02440", WRONG), (DELTA + "digits: 3", "-0.024", COARSE),
    (DELTA + "digits: 3", "-0.024251", RIGHT), (DELTA + "digits: 3", "-0.02424", WRONG),
    (DELTA + "digits: 3", "0.1353*0.76469*-0.2353", RIGHT),
    ("answer: delta1[1]\ndigits: 3", "0.0423*0.6422*0.3578", RIGHT), ("answer: delta1[1]\ndigits: 3", "0.0097197", RIGHT),
    (DELTA + "digits: 5", "-0.0243", COARSE), (DELTA + "digits: 5", "-0.024347", RIGHT),
    (DELTA + "tolerance: 1e-3", "-0.025", RIGHT), (DELTA + "tolerance: 1e-3", "-0.0255", WRONG),
    (DELTA + "tolerance: 1e-7", "-0.0243", COARSE),
    (DELTA + "digits: 3\nwrong: a2[1] - y[1] => One factor less.", "-0.1353", "One factor less."),
    (DELTA + "digits: 3\nwrong: a2[1] - y[1] => One factor less.", "-0.14", "One factor less."),
    (DELTA + "digits: 3\nhint: Begin at the end.", "5", "Begin at the end."),
    ("answer: delta2", "[-0.0243, 0.1157]", RIGHT), ("answer: delta2", "[-0.0243, 0.12]", RIGHT),
    ("answer: delta2", "[-0.0243, 0.13]", WRONG), ("answer: delta2", "-0.0243", ERROR),
    ("answer: update w1[1,1]\ndigits: 4", "0.1495", RIGHT), ("answer: update w1[1,1]\ndigits: 4", "w1[1,1] = 0.1495", RIGHT),
    ("answer: update w1[1,1]\ndigits: 4", "0.1505", WRONG), ("answer: 2*loss - 2*loss", "0", RIGHT),
    ("answer: 2*loss - 2*loss\ndigits: 3", "0.00001", WRONG),
    ("answer: b\nchoices: the a | b | forward", "2", RIGHT), ("answer: b\nchoices: the a | b | forward", "B", RIGHT),
    ("answer: 1\nchoices: the a | b | forward", "THE A", RIGHT), ("answer: b\nchoices: the a | b | forward", '"b"', RIGHT),
    ("answer: b\nchoices: the a | b | forward", "forward", WRONG), ("answer: b\nchoices: the a | b | forward", "4", ERROR),
    ("answer: b\nchoices: the a | b | forward", "0", ERROR), ("answer: b\nchoices: the a | b | forward", "c d", ERROR),
]

CUT, ZERO = "The digits are right but cut off", "It is not 0."
UNNAMED = "answer: 2*delta2[1]\ndigits: 4"  # -0.0486950
JUDGED += [
    (DELTA + "digits: 4", "-0.02434", CUT), (DELTA, "-0.02434", CUT), (DELTA + "digits: 3", "-0.0242", "no common mistake"),
    (UNNAMED, "-0.0486", CUT), (UNNAMED, "-0.0487", COARSE), (UNNAMED, "-0.4869", "No common mistake"),
    ("answer: delta2", "[-0.02434, 0.1157]", CUT), ("answer: delta2", "[-0.02434, 0.2]", WRONG), (UNNAMED, "0", ZERO), (DELTA, "0", ZERO),
    (DELTA + "digits: 3", "0.000", ZERO), ("answer: delta2", "[0, 0]", ZERO), ("answer: delta1[1]\ndigits: 3", "0.00972", RIGHT),
    (UNNAMED + "\nhint: H1.\nhint: H2.", "5\n6", "wrong\n      H2.\n"), (UNNAMED + "\nhint: H1.", "5\n6", "left)\nwrong\n      H1.\n"),
    (UNNAMED + "\nhint: H1.", "hint\nhint", "H1.\n      (the last hint)\n"), (UNNAMED, "hint", "no hint; reveal shows the answer"),
]
WHOLE = "answer: 50000*n + 222.5*n\ndigits: 6"  # 200890
JUDGED += [
    (WHOLE, "200,890", RIGHT), (WHOLE, "200890", RIGHT), (WHOLE, "-200,890", WRONG), (WHOLE, "200,89", "write 200.89"),
    (WHOLE, "200,891", WRONG), (WHOLE, "0,890", "write 0.890"), (WHOLE, "200,", ERROR), (WHOLE, ",890", ERROR), (WHOLE, "2000,890", ERROR),
    ("answer: n*1e7", "40,000,000", RIGHT), ("answer: n*1e7", "40,000000", ERROR), ("answer: n*250.25", "1,001", RIGHT),
    ("answer: n*0.3125", "1,250", "write 1.250"), ("answer: n*300000.125", "1,200,000.5", ERROR), ("answer: [n, 2]", "4,002", ERROR),
]

# what is typed before the right answer, and whether that counts as looking
LOOKS = [("print 2*3", False), ("print x, w1[1,1]", False), ("t = 3", False), ("plan", False), ("help explain", False),
         ("print mine", False), ("print delta2", True), ("t = 2 * delta2[1]", True), ("check delta2[1] = 1", True), ("check dL/dz2 = [1, 2]", True),
         ("check a2[1] = 0.7", False), ("check da2[1] = delta2[1]", True), ("check old(delta2[1]) = 1", False), ("print w1, loss", True),
         ("explain delta2[1]", True), ("print da2[1]/dz2[1]", True), ("print nothing", False), ("hint", False), ("step", False)]

# what a question and its hint point to, what is typed before the right answer to -0.0243475, and whether that counts
POINTED = "answer: delta2[1]\nhint: Look: `=da2[1]`.\n"
LOOKS += [(looking, assisted, f"question: With ŷ₁ = `=a2[1]`; `print z1, z2` shows more.\n{POINTED}") for looking, assisted in (
    ("print a2", False), ("print yhat[1]", False), ("yhat", False), ("print z1, z2, w2", False), ("t = sigmoid'(z2[1])", False),
    ("print z1, a1", True), ("explain z1", True), ("print delta2", True), ("print da2", True),
    ("print sigmoid'(z2[1])*da2[1]", True), ("hint\nprint da2", False), ("print old(z1)", False))]
# the question itself and what is asked for
LOOKS += [(looking, assisted, "question: One of `print delta2`, the other is `=delta2[2]`.\n" + POINTED)
          for looking, assisted in (("print delta2[2]", True), ("print dL/dz2", True))]


def test_judging(nabla, folder, tally):
    for number, (lines, answer, said) in enumerate(JUDGED):
        path = write(folder, f"judging{number}.md", JUDGING % lines)
        result = program.run(nabla, "-ki", path, stdin=answer + "\n")
        good = said in result.out + result.err and (said == RIGHT) == (RIGHT in result.out)
        tally.check(f"{lines!r}: {answer}", result.crash() or (None if good else result.out + result.err))
    for number, (looking, assisted, *lines) in enumerate(LOOKS):
        path = write(folder, f"looking{number}.md", JUDGING.replace("question: q\n", "") % "".join(lines or ["question: q\n" + DELTA]))
        result = program.run(nabla, "-ki", path, stdin=f"{looking}\n-0.0243475\n")
        good = RIGHT in result.out and all((said in result.out) == assisted for said in ("now earns no points", "it earns no points"))
        tally.check(f"after {looking}", result.crash() or (None if good else result.out + result.err))


SETUP_NAMED = ("```nabla silent\nnet 1-1-1 sigmoid\nw1 = 0.2; b1 = 0; w2 = 0.4; b2 = 0; x = 0; y = 0; n = 3\nforward quiet\n"
               "backward quiet\n```\n")

# the answer that a block has, one that is typed, and whether that is looking
NAMED = [("w1[1,1]", "w1[1,1]", True), ("w1[1,1]", "W1[1,1] + 0", True), ("w1[1,1]", "w2[1,1]/2", False),
         ("update w1[1,1]", "w1[1,1]", False), ("n", "n", True), ("n", "3", False), ("2*n", "2*n", False)]


CHECKS = [("update w1[1,1]", "check update w1[1,1] = 2", "w1[1,1] - lr*0", True), ("2*w2[1,1]", "check w2[1,1] = 0.4", "0.8", True),
          ("dz2[1]/db2[1]", "check dz2[1]/db2[1] = 1", "1", True), ("a2[1]", "check yhat = 0.5", "0.549834", True),
          ("a2[1]", "check z2 = 0.2", "0.549834", False)]


def test_checks(nabla, folder, tally):
    """check is no help but where it judges what is asked for."""
    for number, (answer, check, right, assisted) in enumerate(CHECKS):
        path = write(folder, f"checks{number}.md", SETUP_NAMED + f"```ask a\nquestion: A?\nanswer: {answer}\n```\n")
        result = program.run(nabla, "-ki", path, stdin=f"{check}\n{right}\n")
        good = RIGHT in result.out and ("earns no points" in result.out) == assisted
        tally.check(f"{answer}: {check}", result.crash() or (None if good else result.out + result.err))


def test_named(nabla, folder, tally):
    for number, (answer, typed, assisted) in enumerate(NAMED):
        path = write(folder, f"named{number}.md", SETUP_NAMED + f"```ask a\nquestion: A?\nanswer: {answer}\n```\n")
        result = program.run(nabla, "-ki", path, stdin=typed + "\n")
        good = RIGHT in result.out and ("It names what is computed, not its number: it earns no points" in result.out) == assisted
        tally.check(f"{answer}: {typed}", result.crash() or (None if good else result.out + result.err))


def test_pipe(nabla, folder, tally):
    """A person's answers through a pipe."""
    path = write(folder, "asking.md", ASKING)
    state = os.path.join(folder, "state")
    script = ("7\nforward quiet\ngradcheck\nx @ w1[:,1] + b1[1]\nskip\nreveal\n2\n1\n" "lesson %s anew\nhint\nprint z1\nx @ w1\n0.1\nupdate w1\n" % path)
    result = program.run(nabla, "-ki", path, stdin=script, XDG_STATE_HOME=state)
    parts = ["wrong\n", "it earns no points", "Question 2 of 4", "Question 3 of 4", "answer: ", "Question 4 of 4",
             "Only to a point", "right\n", "That was the lesson", "1 of 5 points, 1 answer assisted", "Look at [["]
    at = 0
    for part in parts:
        found = result.out.find(part, at)
        tally.check(f"through a pipe: {part!r}", None if found >= 0 else result.out[at:] + result.err)
        at = max(at, found)
    tally.check("forward has to wait", None if "a question is open, and forward would" in result.err else result.err)
    tally.check("a vector is no answer", None if "expected a number, found a vector of 2" in result.err else result.err)
    for seed, said in (("1", "going on with"), ("2", "Question 1 of 4")):
        program.run(nabla, "--seed", "1", "-i", write(folder, "two.md", ASKING + "\n# Two\n\nmore\n\n# Three\n\nend\n"),
                    stdin="skip\nskip\nskip\nskip\nleave\n", XDG_STATE_HOME=state)
        result = program.run(nabla, "--seed", seed, "-i", os.path.join(folder, "two.md"), XDG_STATE_HOME=state)
        tally.check(f"resumed with --seed {seed}", None if said in result.out else result.out + result.err)
    result = program.run(nabla, "-i", stdin=f"set digits 3\nlesson {path} anew\nquit\n", XDG_STATE_HOME=state)
    tally.check("a session ends within a lesson", result.crash() or (None if result.status == 0 else result.err))


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
    write(folder, "loop", "source loop\n")
    path = write(folder, "looping.md", "```nabla\nsource loop\n```\n")
    result = program.run(nabla, "--test", path, cwd=folder)
    tally.check("a source within itself", None if (result.status, result.out) == (3, "0 passed, 1 failed\n")
                or result.status == 1 else f"{result.status} {result.err}")
    for text in ("", "print 1\nexpect 1 == 2\n", "# A\n\n- one\n", "```sh\nnabla\n```\n"):
        path = write(folder, "untested.md", text)
        result = program.run(nabla, "--test", path)
        good = (result.status, result.out) == (3, "0 passed, 1 failed\n") and f"{path}: error: nothing to test" in result.err
        tally.check(f"nothing to test: {text!r}", None if good else f"{result.status} {result.out} {result.err}")
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
    os.mkdir(os.path.join(shelf, "report"))
    write(os.path.join(shelf, "report"), "first.md", "---\norder: 101\n---\n# The long first\n\nHello again.\n")
    result = program.run(nabla, "-c", "lessons", NABLA_LESSONS=shelf)
    wanted += [[], ["Reports,", "which", "train", "for", "long:"], ["101", "The", "long", "first", "report/first"]]
    lines = [line.split() for line in result.out.splitlines()]
    tally.check("reports", None if lines == wanted else result.out + result.err)
    for word in ("report/first", "report/fi", "101"):
        result = program.run(nabla, "-c", f"lesson {word}", NABLA_LESSONS=shelf)
        tally.check(f"lesson {word}", None if "Hello again." in result.out else result.err)
    for word in ("1", "first", "1-first", "fi", os.path.join(shelf, "1-first.md")):
        result = program.run(nabla, "-c", f"lesson {word}", NABLA_LESSONS=shelf)
        tally.check(f"lesson {word}", None if "Hello." in result.out else result.err)
    for word, status, said in (("furst", 2, "first"), ("7", 2, "lessons"), ("no.md", 4, "no.md")):
        result = program.run(nabla, "-c", f"lesson {word}", NABLA_LESSONS=shelf)
        good = result.status == status and said in result.err
        tally.check(f"lesson {word}", None if good else f"{result.status} {result.err}")
    result = program.run(nabla, "-c", "lessons", NABLA_LESSONS=shelf + "/none")
    tally.check("no folder", None if result.status == 4 else f"{result.status} {result.err}")


OWN = ["digits 3", "optimizer adam", "l2 0.1", "index to-from", "round 2", "lr 0.5", "batch 7"]


def test_settings(nabla, folder, tally):
    """A lesson begins as nabla begins; what a person had set is back after it."""
    names = [setting.split()[0] for setting in OWN]
    show = "\n".join("set " + name for name in names)
    text = "# One\n\n```nabla\n" + show + "\nprint 1/3\nset lr 0.9; break delta1; l1 = 3\nforward\n```\n"
    path = write(folder, "own.md", text)
    defaults = program.run(nabla, "-c", show).out.splitlines()
    before = program.EXERCISE + "; break z1; " + "; ".join("set " + setting for setting in OWN)
    result = program.run(nabla, "-c", f"{before}; lesson {path}; {show}; info breaks", "-c", show)
    lines = result.out.splitlines()
    within = lines[lines.index("───"):] if "───" in lines else []
    good = all(line in within for line in defaults) and "0.333333" in within and "when z1" in result.out.split("─")[-1]
    tally.check("the lesson's settings", None if good else result.out + result.err)
    tally.check("one's own settings", None if lines[-len(OWN):] == OWN else result.out + result.err)
    kept = os.path.join(folder, "kept.md")
    program.run(nabla, "-c", f"{program.EXERCISE}; set digits 3; lesson {path}; print 2/3; transcript last {kept}", cwd=folder)
    result = program.run(nabla, "--test", kept)
    tally.check("the transcript of both", None if result.status == 0 else result.out + result.err)


RUNS = """# One

```nabla
net 2-2-1 sigmoid; data xor
train epochs=2 quiet
runs columns=name,network
```
"""


def test_runs(nabla, folder, tally):
    """A lesson's tables have its own runs only; a person's are back after it."""
    path = write(folder, "runs.md", RUNS)
    before = "data xor; net 2-3-1 sigmoid; train epochs=1 quiet; train epochs=1 name=own quiet; "
    result = program.run(nabla, "-c", before + f"transcript whole.md; lesson {path}; runs columns=name,network; "
                         "transcript off", cwd=folder)
    tables = [part.split("\n\n")[0].split("\n") for part in result.out.split("name    network\n")[1:]]
    lesson, own = "Exp. 1  2-2-1 sigmoid", ["Exp. 1  2-3-1 sigmoid", "own     2-3-1 sigmoid", "Exp. 3  2-2-1 sigmoid"]
    good = len(tables) == 2 and tables[0] == [lesson] and tables[1][:3] == own
    tally.check("its own runs", None if good else result.out + result.err)
    result = program.run(nabla, "--test", "whole.md", cwd=folder)
    tally.check("its own runs, recorded", None if result.status == 0 else result.out + result.err)


def main(nabla, lessons):
    nabla = os.path.abspath(nabla)
    tally = program.Tally()
    test_shipped(nabla, lessons, tally)
    with tempfile.TemporaryDirectory() as folder:
        test_reports(nabla, lessons, folder, tally)
        test_faults(nabla, folder, tally)
        test_asking(nabla, folder, tally)
        test_seeds(nabla, folder, tally)
        test_judging(nabla, folder, tally)
        test_named(nabla, folder, tally)
        test_checks(nabla, folder, tally)
        test_pipe(nabla, folder, tally)
        test_hostile(nabla, folder, tally)
        test_loops(nabla, folder, tally)
        test_list(nabla, folder, tally)
        test_settings(nabla, folder, tally)
        test_runs(nabla, folder, tally)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
