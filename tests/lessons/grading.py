#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""grading.py NABLA: answers are scored, reports are what their readers expect, GIFT imports."""
import csv
import json
import os
import re
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

SETUP = "net 3-2-2 sigmoid\nx = round(rand(3), 2)\ny = [0.9, 0.1]\n"
SHEET = f"""---
title: A sheet
vary: seed
---
# One

```nabla silent
{SETUP}```

```ask d21 points=2 tries=2
question: What is δ2[1], with x[1] = `=x[1]`?
answer: delta2[1]
digits: 4
wrong: a2[1] - y[1] => That is ∂L/∂a: multiply by a(1 − a) {{or so}}.
hint: δ = ∂L/∂a · ∂a/∂z
```

```ask vec points=4
question: What is z1?
answer: z1
tolerance: 1e-3
```

```ask which
question: Which one # of ~ these?
choices: rows | columns | neither {{a = b}}
answer: columns
wrong: rows => No: {{columns}}.
```
"""
POINTS = {"d21": 2, "vec": 4, "which": 1}
IDS = list(POINTS)


def student_seed(student):
    """FNV-1a, 32 bits."""
    value = 2166136261
    for byte in student.encode():
        value = ((value ^ byte) * 16777619) % 2**32
    return value


class Bench:
    """A folder with the sheet in it, and the program."""

    def __init__(self, nabla, folder, tally):
        self.nabla, self.folder, self.tally = nabla, folder, tally
        self.write("sheet.md", SHEET)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return name

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run(self, *arguments, **more):
        result = program.run(self.nabla, *arguments, cwd=self.folder, **more)
        self.tally.check(f"{arguments}: no crash", result.crash())
        return result

    def grade(self, *arguments):
        return self.run("--grade", "sheet.md", "--answers", *arguments)

    def truth(self, seed, expression):
        """What the lesson's own commands make of an expression, as text with all digits."""
        commands = SETUP + "forward quiet; backward quiet; set digits 17; print " + expression
        return self.run("--seed", str(seed), "-c", commands).out.splitlines()[-1]

    def check(self, name, good, told=""):
        self.tally.check(name, None if good else told or "no")


# ---- results.json ---------------------------------------------------------------------------

# the fields that Gradescope's autograder specification names, and their types
NUMBER, TEXT = (int, float), str
VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
RESULT_FIELDS = {"score": NUMBER, "execution_time": NUMBER, "output": TEXT, "output_format": FORMATS,
                 "test_output_format": FORMATS, "test_name_format": FORMATS, "visibility": VISIBLE,
                 "stdout_visibility": VISIBLE, "extra_data": dict, "tests": list, "leaderboard": list}
TEST_FIELDS = {"score": NUMBER, "max_score": NUMBER, "status": {"passed", "failed"}, "name": TEXT,
               "name_format": FORMATS, "number": TEXT, "output": TEXT, "output_format": FORMATS,
               "tags": list, "visibility": VISIBLE, "extra_data": dict}


def field_problem(value, fields):
    for key, item in value.items():
        wanted = fields.get(key)
        if wanted is None:
            return f"{key} is no field"
        good = item in wanted if isinstance(wanted, set) else isinstance(item, wanted) and not isinstance(item, bool)
        if not good:
            return f"{key} is {item!r}"
    return None


def results_problem(text):
    results = json.loads(text)
    problem = field_problem(results, RESULT_FIELDS)
    for test in results["tests"]:
        problem = problem or field_problem(test, TEST_FIELDS)
        if not 0 <= test["score"] <= test["max_score"]:
            problem = problem or f"{test['name']}: {test['score']} of {test['max_score']}"
    if abs(results["score"] - sum(test["score"] for test in results["tests"])) > 1e-9:
        problem = problem or "the score is not the sum"
    return problem


def scores(bench, *arguments):
    """What each question scored, by results.json, which is checked as well."""
    bench.grade(*arguments, "--json", "results.json")
    text = bench.read("results.json")
    bench.tally.check(f"{arguments}: results.json", results_problem(text))
    return {test["name"]: test["score"] for test in json.loads(text)["tests"]}


# answers with seed 1, and what they earn; D and Z stand for the right ones to 17 digits
SCORED = [
    ("d21: D\nvec: Z\nwhich: columns\n", (2, 4, 1)),
    ("d21:D\r\nvec :  Z  \r\nwhich: 2\r\n", (2, 4, 1)),
    ("\ufeff# of my own\n\nd21: D\n\n", (2, 0, 0)),
    ("d21: D4\nvec: Z3\nwhich: Columns\n", (2, 4, 1)),
    ("d21: D2\nvec: [A, 9]\nwhich: 1\n", (0, 2, 0)),
    ("d21: (D) * 2 / 2\nvec: [A, B]\n", (2, 4, 0)),
    ("d21: -(0 - (D))\nvec: [9, 9]\n", (2, 0, 0)),
    ("d21:\nwhich: neither {a = b}\n", (0, 0, 0)),
    ("", (0, 0, 0)),
]


def test_scores(bench):
    right, both = bench.truth(1, "delta2[1]"), bench.truth(1, "z1")
    first, second = both[1:-1].split(", ")
    words = {"D4": f"{float(right):.4g}", "D2": f"{float(right):.2g}", "D": right, "A": first, "B": second,
             "Z3": f"[{float(first):.3f}, {float(second):.3f}]", "Z": both}
    for number, (text, earned) in enumerate(SCORED):
        for word, value in words.items():
            text = re.sub(rf"(?<=[ :\[(]){word}\b", value, text)
        got = scores(bench, bench.write("a.txt", text))
        bench.check(f"scored {number}", got == dict(zip(IDS, earned)), f"{text}{got}")
    result = bench.grade(bench.write("a.txt", f"d21: {right}\n"))
    sheet = result.status == 0 and "score 2 of 7" in result.out and "d21" in result.out and not result.err
    bench.check("the sheet", sheet, result.out + result.err)
    leaks = [f"{float(number):.4g}" for number in (right, first, second)]
    bench.grade(bench.write("a.txt", "d21: 1\nvec: [1, 2]\nwhich: 1\n"), "--json", "results.json")
    told = bench.read("results.json")
    bench.check("no right number is told", not [number for number in leaks if number in told], told)
    said = {test["name"]: test["output"].split("answer: ")[1].split("\n", 1)[1] for test in json.loads(told)["tests"]}
    clean = said["d21"].startswith("wrong, and no common mistake gives") and said["which"] == "wrong\nNo: {columns}."
    bench.check("said once, at the margin", clean and not re.search("wrong\nwrong|\n ", "".join(said.values())), told)
    bench.check("advice is told", "That is" not in told and "No: {columns}." in told, told)


# ---- Hostile files ----------------------------------------------------------------------------

# lines of an answers file; the line that is named (None: none), part of what is said, status
HOSTILE = [
    ("d21: delta2[1]", 1, "may not be named", 0),
    ("d21: loss", 1, "may not be named", 0),
    ("d21: w1[1,1]", 1, "may not be named", 0),
    ("d21: y[1] - 0.5", 1, "may not be named", 0),
    ("vec: x @ w1 + b1", 1, "may not be named", 0),
    ("d21: lr", 1, "may not be named", 0),
    ("d21: 1/0", 1, "not a number", 0),
    ("d21: nan", 1, "", 0),
    ("vec: [0/0, 1]", 1, "not a number", 0),
    ("d21: 0,5", 1, "decimals have a point", 0),
    ("d21: da2[1]/dz2[1]", 1, "may not be named", 0),
    ("d21: old(w1[1,1])", 1, "", 0),
    ("which: 2\nd21: print 1", 2, "", 0),
    ("d21: save stolen.safetensors", 1, "", 0),
    ("d21: source sheet.md", 1, "", 0),
    ("d21: 1; save stolen.npz", 1, "", 0),
    ("d21: w1 = 3", 1, "", 0),
    ("d21: 1e999", 1, "", 0),
    ("d21: " + "(" * 400 + "1" + ")" * 400, 1, "", 0),
    ("d21: " + "-" * 400 + "1", 1, "", 0),
    ("d21: zeros(1000, 1000)", 1, "no arithmetic", 0),
    ("d21: rand()", 1, "no arithmetic", 0),
    ("d21: [1, 2, 3]", 1, "expected", 0),
    ("d21: nonsense", 1, "", 0),
    ("which: 4", 1, "choices", 0),
    ("d21: 1\n\nd21: 2", 3, "answered twice", 0),
    ("d12: 1", 1, "d21", 0),
    ("d21: 1\nsave x.npz", 2, "id: value", 0),
    ("d21 = 3", 1, "id: value", 0),
    ("d21: " + "1" * 5000, 1, "longer than", 0),
    ("# lesson: another\nd21: 1", 1, "not to sheet", 2),
    ("# seed: many\nd21: 1", 1, "whole number", 0),
    ("# student: A\n# seed: 7\nd21: 1", 2, "seed 7", 2),
    ("# student: A\n# student: B\nd21: 1", 2, "too", 2),
    (bytes(range(256)), None, "UTF-8", 2),
    (b"d21: 1\n\x1b]0;title\x07\n", 2, "control character", 2),
    (b"d21: 1\0\n", 1, "control character", 2),
    (b"d21: 1\n" * 1_000_000, None, "", 4),
]


def test_hostile(bench):
    for text, line, said, status in HOSTILE:
        name = repr(text[:40])
        began = time.monotonic()
        result = bench.grade(bench.write("h.txt", text))
        seconds = time.monotonic() - began
        good = result.status == status and said in result.err and (line is None or f"h.txt:{line}:" in result.err)
        bench.check(name, good, f"{result.status} {result.err[:300]}")
        bench.check(name + ": no points", "score 0 of 7" in result.out or "which" in name, result.out)
        bench.check(name + ": time", seconds < 3, f"{seconds:.1f} s")
        bench.check(name + ": quiet", "\x1b" not in result.out + result.err, "an escape")
    strangers = [name for name in os.listdir(bench.folder) if "stolen" in name or name == "x.npz"]
    bench.check("nothing was written", not strangers, strangers)
    result = bench.grade(bench.write("h.txt", "".join(f"q{i}: 1\n" for i in range(100_000))))
    bench.check("many faults", result.status == 0 and len(result.err) < 100_000, len(result.err))
    result = bench.grade("missing.txt", bench.write("a.txt", "which: 2"), "--csv", "s.csv")
    bench.check("a missing file", result.status == 4 and len(rows_of(bench, "s.csv")) == 2, result.err)


def test_faults(bench):
    """A slip of one student is told everywhere, and fails no class."""
    slip = bench.write("slip.txt", "which: 2\nd21: 1\nd21: 2\nnonsense\n")
    told = ["line 3: d21 is answered twice, first in line 2: neither counts", "line 4: expected id: value"]
    result = bench.grade(slip, "--json", "results.json")
    bench.check("slips: status", result.status == 0 and "score 1 of 7" in result.out, f"{result.status} {result.out}")
    for name, text in (("sheet", result.out), ("results", json.loads(bench.read("results.json"))["output"])):
        bench.check(f"slips: {name}", all(words in text for words in told), text)
    bench.check("slips: lines", "slip.txt:3:1: error:" in result.err and "slip.txt:4:1: error:" in result.err, result.err)
    result = bench.grade(slip, bench.write("clean.txt", "which: 2\n"), "--csv", "scores.csv")
    bench.check("slips in a class", result.status == 0 and result.out.count("2 faults") == 1, f"{result.status} {result.out}")
    result = bench.grade(bench.write("other.txt", "# lesson: another\nwhich: 2\n"), slip, "--csv", "scores.csv")
    bench.check("another's file in a class", result.status == 2 and len(rows_of(bench, "scores.csv")) == 2, result.out)


# how it is called; status, part of what is said
CALLS = [
    (["--grade", "sheet.md"], 2, "--answers"),
    (["--grade", "sheet.md", "--answers"], 2, "--answers FILE"),
    (["--answers", "a.txt"], 2, "--grade"),
    (["--json", "r.json", "a.txt"], 2, "--grade"),
    (["--csv", "r.csv", "a.txt"], 2, "--grade"),
    (["--junit", "r.xml", "a.txt"], 2, "--grade"),
    (["--grade", "sheet.md", "--grade", "sheet.md", "--answers", "a.txt"], 2, "twice"),
    (["--grade", "sheet.md", "--answers", "-c", "quit"], 2, "-c"),
    (["--grade", "sheet.md", "--test", "--answers", "a.txt"], 2, "one at a time"),
    (["--grade", "none.md", "--answers", "a.txt"], 4, "none.md"),
    (["--grade", "plain.md", "--answers", "a.txt"], 3, "asks nothing"),
    (["--grade", "faulty.md", "--answers", "a.txt"], 3, "faulty.md:2:"),
    (["--grade", "needy.md", "--answers", "an-a.txt"], 0, ""),
    (["--grade", "greedy.md", "--answers", "an-a.txt"], 3, "without the data cifar10"),
    (["--grade", "sheet.md", "--answers", "a.txt", "a.txt", "--json", "r.json"], 2, "--csv"),
    (["--grade", "sheet.md", "--answers", "a.txt", "--json", "none/r.json"], 4, "none/r.json"),
    (["--grade", "sheet.md", "--answers", "a.txt", "--student", "A", "--seed", "3"], 2, "one of them"),
    (["--grade", "sheet.md", "--answers", "a.txt", "--student", ""], 2, "ID"),
    (["--grade", "sheet.md", "--answers", "a.txt", "--student", "a\nb"], 2, "ID"),
    (["--grade", "sheet.md", "--answers", "of-b.txt", "--student", "A"], 2, "of-b.txt:1:"),
]


def test_calls(bench):
    bench.write("a.txt", "which: 2\n")
    bench.write("an-a.txt", "a: 0.1\n")
    bench.write("of-b.txt", "# student: B\nwhich: 2\n")
    bench.write("plain.md", "# Nothing\n")
    ask = "```ask a\nquestion: A?\nanswer: lr\n```\n"
    bench.write("faulty.md", "```nabla\nforward\n```\n" + ask)
    needy = "```nabla needs=cifar10\ndata cifar10; n = 3\n```\n" + ask
    bench.write("needy.md", needy)
    bench.write("greedy.md", needy.replace("answer: lr", "answer: n"))
    for arguments, status, said in CALLS:
        result = bench.run(*arguments)
        good = result.status == status and said in result.err
        bench.check(f"{arguments}", good, f"{result.status} {result.err}")


# ---- Students and seeds ---------------------------------------------------------------------------

def rows_of(bench, name):
    with open(bench.path(name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_students(bench):
    students = ["4711", "ada@example.org", "Łukasz, K.", "=1+1", "0"]
    files = []
    for number, student in enumerate(students):
        right = bench.truth(student_seed(student), "delta2[1]")
        head = f"# lesson: sheet\n# student: {student}\n# seed: {student_seed(student)}\n"
        files.append(bench.write(f"s{number}.txt", head + f"d21: {right}\nwhich: {number % 2 + 1}\n"))
    right = bench.truth(9, "delta2[1]")
    files.append(bench.write("nine.txt", f"# seed: 9\nd21: {right}\n"))
    files.append(bench.write("stolen.txt", f"# student: 0\nd21: {right}\n"))
    result = bench.grade(*files, "--csv", "scores.csv", "--junit", "scores.xml")
    twice = [line for line in result.err.splitlines() if "error:" in line]
    good = twice == ["stolen.txt:1:12: error: 0 has answers in s4.txt, too: both are graded"]
    bench.check("students", result.status == 0 and good, result.err)
    rows = rows_of(bench, "scores.csv")
    names = [student if student[0] != "=" else "'" + student for student in students] + ["nine", "0"]
    bench.check("names", [row["student"] for row in rows] == names, rows)
    seeds = [str(student_seed(student)) for student in students] + ["9", str(student_seed("0"))]
    bench.check("seeds", [row["seed"] for row in rows] == seeds, rows)
    wanted = ["2"] * 6 + ["0"]
    bench.check("points of their own numbers", [row["d21"] for row in rows] == wanted, rows)
    sums = all(float(row["score"]) == sum(float(row[key]) for key in IDS) and row["max_score"] == "7" for row in rows)
    bench.check("sums", sums, rows)
    test_junit(bench, rows)
    result = bench.run("--student", "4711", "sheet.md")
    bench.check("--student plays", f"x[1] = {float(bench.truth(student_seed('4711'), 'x[1]')):g}?" in result.out, result.out)
    plain = bench.write("plain-seed.md", "```nabla\nset seed\n```\n")
    bench.check("only where it varies", "1" in bench.run("--student", "4711", plain).out.split(), "another seed")


def test_junit(bench, rows):
    root = xml.parse(bench.path("scores.xml")).getroot()
    suites = root.findall("testsuite")
    bench.check("suites", root.tag == "testsuites" and len(suites) == len(rows), xml.tostring(root))
    for suite, row in zip(suites, rows):
        cases = suite.findall("testcase")
        failed = [case.get("name") for case in cases if case.find("failure") is not None]
        short = [key for key in IDS if float(row[key]) < POINTS[key]]
        good = [case.get("name") for case in cases] == IDS and failed == short
        good = good and suite.get("tests") == "3" and suite.get("failures") == str(len(failed))
        bench.check(f"suite {suite.get('name')}", good, xml.tostring(suite))
    total = sum(int(suite.get("failures")) for suite in suites)
    bench.check("failures", root.get("failures") == str(total), root.get("failures"))


def test_once(bench):
    """A lesson that trains is played once, not once a student."""
    bench.write("slow.md", "```nabla\ndata xor; net 2-40-40-1 tanh sigmoid\ntrain epochs=2000 batch=1 quiet\n```\n"
                           "```ask a\nquestion: A?\nanswer: lr\n```\n")
    files = [bench.write(f"t{number}.txt", "a: 0.1\n") for number in range(40)]
    took = []
    for count in (1, 40):
        began = time.monotonic()
        result = bench.run("--grade", "slow.md", "--answers", *files[:count])
        took.append(time.monotonic() - began)
        bench.check(f"{count} students", result.status == 0, result.err)
    bench.check("one playing", took[1] < 6 * took[0] + 1, took)


# ---- Handing in -----------------------------------------------------------------------------------------

def test_hand_in(bench):
    seed = student_seed("4711")
    right = float(bench.truth(seed, "delta2[1]"))
    typed = f"0.5\n{right:.4g}\n[1, 2]\nreveal\n1\n2\ntranscript last saved.md\nanswers to hand.txt\n"
    result = bench.run("-k", "-i", "--student", "4711", "sheet.md", stdin=typed)
    wanted = (f"# lesson: sheet\n# student: 4711\n# seed: {seed}\n"
              f"d21: {right:.4g}\nvec: [1, 2]\nwhich: 2\n")
    bench.check("answers to", bench.read("hand.txt") == wanted, bench.read("hand.txt") + result.out + result.err)
    earned = {"d21": 2, "vec": 0, "which": 1}
    for name in ("hand.txt", "saved.md"):
        for more in ([], ["--student", "4711"]):
            bench.check(f"{name} {more}", scores(bench, name, *more) == earned, "other scores")
    again = bench.run("--test", "saved.md")
    bench.check("the session replays", again.status == 0, again.out + again.err)
    tries = "```answers\n# lesson: sheet\n# seed: 1\nd21: 1\n```\n" * 2
    late = tries + f"```answers\nd21: {bench.truth(1, 'delta2[1]')}\n```\n"
    bench.check("too many tries", scores(bench, bench.write("late.md", late))["d21"] == 0, "points")
    other = "```answers\n# lesson: other\nd21: 1\nq: 2\n```\n" * 3 + late[len(tries) // 2:]
    bench.check("another lesson's", scores(bench, bench.write("other.md", other))["d21"] == 2, "no points")
    result = bench.run("-c", "answers to x.txt")
    bench.check("nothing played", result.status == 3 and "no lesson" in result.err, result.err)


ALIKE = """---
vary: seed
---
# One

```nabla silent
net 3-2-2 sigmoid
x = [0.5, round(rand(), 2) + 0.1, 0.1]; y = [0.9, 0.1]; w1[1,2] = -0.3; n = 4
forward quiet; backward quiet
```

```ask z11 tries=2
question: z1[1]?
answer: z1[1]
digits: 3
```

```ask z
question: z1?
answer: z1
```

```ask n tries=1
question: With `=a1[2]`?
answer: n * a1[2]
digits: 4
```
"""
# what is typed at the three questions, and what it is worth there
PLAYED = [
    ("x[1]*w1[1,1]+x[2]*w1[2,1]+x[3]*w1[3,1]+b1[1]\nx@w1 + b1\n0.5\n", [1, 1, 0]),
    ("x @ w1[:,1] + b1[1]\n[sum(x' * w1[:,1]), x@w1[:, 2]] + b1\nskip\n", [1, 1, 0]),
    ("s = x[2]*w1[2,1]; t = x@w1\ns+x[1]*w1[1,1]+x[3]*w1[3,1]+b1[1]\nt+b1\nprint a1\na = a1[2]\n4*a\n", [1, 1, 1]),
    ("z1[1]\nprint z1\nx@w1+b1\nn*a1[2]\n", [0, 0, 0]),
    ("explain z1[1]\nx@w1[:,1]+b1[1]\nx@w1+zeros(1,2)+b1\nn/(1+exp(-(x@w1[:,2]+b1[2])))\n", [0, 1, 1]),
    ("7\nx@w1[:,1]+b1[1]\nskip\n1.82\nn*sigmoid(x@w1[:,2]+b1[2])\n", [1, 0, 1]),
    ("update\nW1[1,1]*x[1]+w1[2,1]*X[2]+(w1[3,1]*x[3])+b1[1]\n-[3, 5]+-x[1]\nx@w1+b1\n- -n*sigmoid(x@w1[:,2]+b1[2])^1\n", [1, 1, 1]),
]


def test_alike(bench):
    """What is handed in is worth what it was at the prompt."""
    bench.write("alike.md", ALIKE)
    for number, (typed, points) in enumerate(PLAYED):
        state, seed = bench.path(f"state{number}"), str(number + 1)
        script = typed + "leave\ntranscript last alike-saved.md\nanswers to alike.txt\nlessons\n"
        for name in ("alike-saved.md", "alike.txt"):
            bench.write(name, "")
        result = bench.run("-ki", "--seed", seed, "alike.md", stdin=script, XDG_STATE_HOME=state, NABLA_LESSONS=bench.folder)
        earned = result.out.count("right\n") - result.out.count("it earns no points")
        bench.check(f"at the prompt: {typed!r}", earned == sum(points), result.out + result.err)
        for name in ("alike.txt", "alike-saved.md"):
            graded = bench.run("--grade", "alike.md", "--answers", name, "--csv", "alike.csv")
            row = rows_of(bench, "alike.csv")[0]
            good = [float(row[key]) for key in ("z11", "z", "n")] == points and not graded.err
            bench.check(f"graded: {name} {typed!r}", good, bench.read(name) + graded.out + graded.err)
    own = bench.write("own.txt", "# assisted: nothing\n# assisted: z11, I think\n# assisted z11\nz11: x[1]\n")
    result = bench.run("--grade", "alike.md", "--answers", own)
    bench.check("names are refused", "x may not be named here" in result.err and "not counted" in result.out, result.out)


# ---- GIFT --------------------------------------------------------------------------------------------------

class Gift:
    """Reads GIFT by its documentation: \\ escapes ~ = # { } : and itself, \\n is a new line."""

    def __init__(self, text):
        blocks = re.split(r"\n\s*\n", re.sub(r"^//.*$", "", text, flags=re.MULTILINE).strip())
        self.questions = [self.question(block) for block in blocks if not block.startswith("$CATEGORY: ")]

    @staticmethod
    def split(text, marks):
        """Pieces of text that begin at one of the marks, each with its mark."""
        pieces, mark, at, start = [], "", 0, 0
        while at < len(text):
            if text[at] == "\\":
                at += 2
                continue
            found = next((m for m in marks if text.startswith(m, at)), None)
            if found:
                pieces.append((mark, text[start:at]))
                mark, start = found, at + len(found)
                at = start
            else:
                at += 1
        return pieces + [(mark, text[start:])]

    @staticmethod
    def plain(text):
        return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text.strip())

    def question(self, block):
        pieces = self.split(block, ["::", "{", "}"])
        marks = [mark for mark, _ in pieces]
        assert marks == ["", "::", "::", "{", "}"] and not pieces[0][1] and not pieces[4][1].strip(), pieces
        body, *general = [piece for _, piece in self.split(pieces[3][1], ["####"])]
        answers = self.answers(body)
        return {"name": self.plain(pieces[1][1]), "text": self.plain(pieces[2][1].replace("[plain]", "", 1)),
                "numerical": body.lstrip().startswith("#"), "answers": answers,
                "general": self.plain(general[0]) if general else None}

    def answers(self, body):
        numerical = body.lstrip().startswith("#")
        pieces = self.split(body.lstrip()[1:] if numerical else body, ["=", "~"])
        assert not pieces[0][1].strip(), pieces
        result = []
        for mark, piece in pieces[1:]:
            (_, value), *feedback = self.split(piece, ["#"])
            weight = re.match(r"\s*%(-?[0-9.]+)%", value)
            share = float(weight[1]) if weight else 100.0 if mark == "=" else 0.0
            value = value[weight.end():] if weight else value
            if numerical:
                number, tolerance = (float(part) for part in value.split(":"))
                value = (number, tolerance)
            else:
                value = self.plain(value)
            result.append((share, value, self.plain(feedback[0][1]) if feedback else None))
        return result


def test_gift(bench):
    for seed in (1, 5):
        result = bench.run("--seed", str(seed), "sheet.md", "-c", "export q.gift")
        bench.check("export", result.status == 0 and "3 questions to q.gift" in result.out, result.out + result.err)
        questions = Gift(bench.read("q.gift")).questions
        names = [question["name"] for question in questions]
        bench.check("names", names == ["sheet d21", "sheet vec[1]", "sheet vec[2]", "sheet which"], names)
        number, first, second, choice = questions
        (share, (value, tolerance), _), (wrong_share, (wrong, _), advice) = number["answers"]
        right = float(bench.truth(seed, "delta2[1]"))
        half = 0.5 * 10 ** (int(f"{right:e}".split("e")[1]) - 3)
        bench.check("right", share == 100 and abs(value - right) < 1e-11, number)
        bench.check("tolerance", abs(tolerance - half) < 1e-9, (tolerance, half))
        error = float(bench.truth(seed, "a2[1] - y[1]"))
        bench.check("wrong", wrong_share == 0 and abs(wrong - error) < 1e-11, number)
        bench.check("advice", advice == "That is ∂L/∂a: multiply by a(1 − a) {or so}.", advice)
        bench.check("hint", number["general"] == "δ = ∂L/∂a · ∂a/∂z", number["general"])
        bench.check("values", f"x[1] = {float(bench.truth(seed, 'x[1]')):g}?" in number["text"], number["text"])
        bench.check("given", "w1 = [[" in number["text"] and "\nx = [" in number["text"], number["text"])
        for index, question in enumerate((first, second)):
            (share, (value, tolerance), _), = question["answers"]
            wanted = float(bench.truth(seed, f"z1[{index + 1}]"))
            bench.check(f"element {index}", abs(value - wanted) < 1e-11 and tolerance == 1e-3, question)
        wanted = [(0.0, "rows", "No: {columns}."), (100.0, "columns", None), (0.0, "neither {a = b}", None)]
        bench.check("choices", choice["answers"] == wanted and not choice["numerical"], choice)
        bench.check("marks in words", choice["text"] == "Which one # of ~ these?", choice["text"])
    for commands, status, said in (("export q.gift", 3, "no lesson"), ("export q.foo", 2, ".gift")):
        result = bench.run("-c", commands)
        bench.check(commands, result.status == status and said in result.err, result.err)


def main(nabla):
    tally = program.Tally()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(nabla), folder, tally)
        for test in (test_scores, test_hostile, test_faults, test_calls, test_students, test_once, test_hand_in, test_alike, test_gift):
            test(bench)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
