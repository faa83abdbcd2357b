#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""errors.py NABLA table.txt: each bad input ends with its status and says what is wrong.

Every row of the table runs with -c: the error stands on stderr after `error: `, and
nothing crashes.  Then come inputs that no table can hold, files and options.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program


def rows(path):
    """(line number, first commands, status, commands, parts of the message)"""
    first = ""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file.read().splitlines(), 1):
            if line.startswith("@"):
                first = line[1:].strip()
                first = program.EXERCISE if first == "exercise" else first
            elif line and not line.startswith("#"):
                left, parts = line.rsplit(" => ", 1)
                yield number, first, int(left[0]), left[2:], parts.split(" | ")


def problem(result, status, parts=(), begins=r"error: \S"):
    """What is wrong with how a run failed, or None."""
    if result.crash():
        return result.crash() + "\n" + result.err[-2000:]
    if result.status != status:
        return f"status {result.status}, expected {status}\n{result.err[:2000]}"
    if not re.match(begins, result.err):
        return f"the message does not begin as {begins}\n{result.err[:2000]}"
    missing = [part for part in parts if part not in result.err.split("\n")[0]]
    if missing:
        return f"the message lacks {' and '.join(missing)}\n{result.err[:2000]}"
    return None


def check_table(tally, nabla, path):
    for number, first, status, commands, parts in rows(path):
        arguments = (["-c", first] if first else []) + ["-c", commands]
        result = program.run(nabla, "-q", *arguments)
        tally.check(f"{os.path.basename(path)}:{number}: {commands}", problem(result, status, parts))


# ---- Places: FILE:LINE:COL, the line, a caret under the place ------------------

PLACES = [  # script, line, column, status, what the caret points at
    ("a = 1\nprint a + bcd\n", 2, 11, 3, "bcd"),
    ("print 1\n\n  foo 3\n", 3, 3, 2, "foo"),
    ("a = 1; b = 2; print c\n", 1, 21, 3, "c"),
    ("print [1, 2; 3] # comment\n", 1, None, 2, None),
    ("print σ(1) + zzz\n", 1, 14, 3, "zzz"),
    ("m = [1,\n 2,\n qqq]\n", 3, 2, 3, "qqq"),
    ("net 3-2 frob\n", 1, 9, 2, "frob"),
    ("net 3-2 sigmoid bogus=3\n", 1, 17, 2, "bogus=3"),
    ("print (1 + (2\n", None, None, 2, None),
]


def place_problem(result, script, row):
    _, line, column, status, word = row
    text, at = re.escape(script), r"\d+"
    wrong = problem(result, status, begins=f"{text}:{line or at}:{column or at}: error: \\S")
    if wrong or not word:
        return wrong
    lines = result.err.split("\n")
    shown, caret = lines[1], lines[2]
    if word not in shown or caret.strip(" ~^") or caret.find("^") != shown.find(word):
        return f"the caret is not under {word}\n{result.err}"
    return None


def check_places(tally, nabla):
    with tempfile.TemporaryDirectory() as folder:
        for row in PLACES:
            with open(os.path.join(folder, "s.nb"), "w", encoding="utf-8") as file:
                file.write(row[0])
            for script, result in (("s.nb", program.run(nabla, "s.nb", cwd=folder)),
                                   ("<stdin>", program.run(nabla, stdin=row[0]))):
                tally.check(f"place: {row[0]!r} ({script})", place_problem(result, script, row))
    tally.check("place: a slow producer", slow_place_problem(nabla))


def slow_place_problem(nabla):
    """What comes in pieces has the lines that it would have in one."""
    with subprocess.Popen([nabla, "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as running:
        running.stdin.write(b"print 6\nprint 7\n")
        running.stdin.flush()
        running.stdout.readline()
        _, err = running.communicate(b"\nfoo\n", timeout=60)
    return None if err.startswith(b"<stdin>:4:1: error: ") else repr(err)


# ---- Hostile input --------------------------------------------------------------

def hostile():
    """(name, bytes of a script, allowed statuses)"""
    deep = 201
    yield "nested brackets", b"print " + b"(" * deep + b"1" + b")" * deep, (2,)
    yield "a million brackets", b"print " + b"(" * 1000000, (2,)
    yield "nested matrices", b"print " + b"[" * deep + b"1" + b"]" * deep, (2,)
    yield "a million opening rows", b"a = " + b"[" * 1000000, (2,)
    yield "chained minus", b"print " + b"-" * deep + b"1", (2,)
    yield "chained not", b"print " + b"not " * deep + b"1", (2,)
    yield "mixed unary", b"print " + b"- not " * deep + b"1", (2,)
    yield "a million minus signs", b"print " + b"-" * 1000000 + b"1", (2,)
    yield "chained powers", b"print " + b"2^" * 100000 + b"1", (0, 2)
    yield "chained transposes", b"a = [1, 2]; print a" + b"'" * 100000, (0, 2)
    yield "chained indices", b"a = [1, 2]; print a" + b"[1]" * 100000, (0, 2, 3)
    yield "nested calls", b"print " + b"exp(" * 1000 + b"1" + b")" * 1000, (2,)
    yield "nested old", b"print " + b"old(" * 1000 + b"1" + b")" * 1000, (2,)
    yield "many terms", b"print " + b"1+" * 100000 + b"1", (0, 2)
    yield "many statements", b"1;" * 20000, (0,)
    yield "a long name", b"print " + b"q" * 1000000, (2, 3)
    yield "a long word", b"q" * 1000000, (2,)
    yield "a long number", b"print " + b"1" * 1000000, (2,)
    yield "a long fraction", b"print 0." + b"1" * 1000000, (0, 2)
    yield "a long string", b'source "' + b"a" * 1000000 + b'"', (2, 4)
    yield "a huge exponent", b"print 1e" + b"9" * 100000, (2,)
    yield "huge sizes", b"net 1000000-1000000-1000000", (2, 3, 4)
    yield "huge repetition", b"net 2-3x99999999999999999999-1", (2,)
    yield "many layers", b"net 2" + b"-3" * 20000, (2,)
    yield "a huge matrix", b"print rows(zeros(1000000, 1000000))", (2, 3, 4)
    yield "a huge outer product", b"a = zeros(1000000); print rows(outer(a, a))", (2, 3, 4)
    yield "a huge count", b"step 99999999999999999999999", (2, 3)
    yield "a huge index", b"a = [1, 2]; print a[99999999999999999999999]", (2, 3)
    yield "a huge whole index", b"a = [1, 2]; print a[1e300]", (2, 3)
    yield "NUL", b"print 1\0 + 1\n", (2,)
    yield "only NUL", b"\0\0\0\n", (2,)
    yield "no UTF-8", b"print \xff\xfe\n", (2,)
    yield "cut UTF-8", b"print 1 + \xe2\x88", (2,)
    yield "overlong UTF-8", b"print \xc0\xaf\n", (2,)
    yield "control characters", b"print \x01\x1b[31m\n", (2,)
    yield "carriage returns", b"a = 1\r\nprint a\r\n", (0,)
    yield "byte order mark", b"\xef\xbb\xbfprint 1\n", (0, 2)
    yield "no last newline", b"print 1", (0,)
    yield "empty", b"", (0,)
    yield "ten megabytes", b"print [" + b"1, " * 3500000 + b"1]", (0, 2, 3)
    yield "ten megabytes of rubbish", b"%$!" * 3500000, (2,)
    yield "an open bracket to the end", b"print [1,\n" * 1000, (2,)
    yield "a final backslash", b"print 1 + \\", (2,)
    yield "many quotes", b'"' * 10001, (2,)
    yield "self reference", b"print w1[w1[w1[1,1],1],1]", (3,)


def check_hostile(tally, nabla):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "hostile")
        for name, script, statuses in hostile():
            with open(path, "wb") as file:
                file.write(script)
            for how, result in (("file", program.run(nabla, path, timeout=120)),
                                ("stdin", program.run(nabla, stdin=script, timeout=120))):
                wrong = result.crash()
                if not wrong and result.status not in statuses:
                    wrong = f"status {result.status}, expected {statuses}\n{result.err[:500]}"
                if not wrong and len(result.err) > 1000000:
                    wrong = f"{len(result.err)} characters of message"
                tally.check(f"hostile: {name} ({how})", wrong)


# ---- Invocation ------------------------------------------------------------------

RUNS = [  # arguments, stdin, status, must be printed
    (["--frob"], "", 2, ""),
    (["-c"], "", 2, ""),
    (["-z"], "", 2, ""),
    (["--digits", "99", "-c", "print 1"], "", 2, ""),
    (["--digits", "x", "-c", "print 1"], "", 2, ""),
    (["--seed", "-1", "-c", "print 1"], "", 2, ""),
    (["--color", "purple", "-c", "print 1"], "", 2, ""),
    (["/nonexistent/file"], "", 4, ""),
    (["/nonexistent/file.md"], "", 4, ""),
    (["/"], "", 4, ""),
    (["-c", "foo", "-c", "print 7"], "", 2, ""),
    (["-c", "print 6", "-c", "foo", "-c", "print 7"], "", 2, "6\n"),
    (["-c", "print 6; foo; print 7"], "", 2, "6\n"),
    (["-k", "-c", "print 6; foo; print 7"], "", 2, "6\n7\n"),
    (["-k", "-c", "print q; foo; source /nonexistent"], "", 3, ""),
    (["-k", "-c", "foo; print q", "-c", "print 7"], "", 2, "7\n"),
    (["-k", "-c", "print q", "/nonexistent/file", "-c", "print 7"], "", 3, "7\n"),
    ([], "print 6\nfoo\nprint 7\n", 2, "6\n"),
    (["-k"], "print 6\nfoo\nprint 7\n", 2, "6\n7\n"),
    (["-c", "print 6; quit; print 7"], "", 0, "6\n"),
    (["-c", "expect 1 == 2"], "", 1, ""),
    (["-c", "expect 1 == 1; expect 1 ~ 1.1 within 0.2; expect fails 3 \"print q\""], "", 0, ""),
    (["-c", "expect fails 2 \"print q\""], "", 1, ""),
    (["-k", "-c", "expect 1 == 2; foo"], "", 1, ""),
    (["--digits", "3", "-c", "print 1/3"], "", 0, "0.333\n"),
    (["-c", "print 1", "-c", "print 2"], "print 3\n", 0, "1\n2\n"),
]


def check_runs(tally, nabla):
    for arguments, stdin, status, printed in RUNS:
        result = program.run(nabla, *arguments, stdin=stdin)
        wrong = result.crash()
        if not wrong and result.status != status:
            wrong = f"status {result.status}, expected {status}\n{result.err[:500]}"
        if not wrong and result.out != printed:
            wrong = f"printed {result.out[:200]!r}, expected {printed!r}"
        if not wrong and status > 0 and "error: " not in result.err and status != 1:
            wrong = f"no error: on stderr\n{result.err[:500]}"
        tally.check(f"run: {arguments} {stdin!r}", wrong)


# ---- No room for files -----------------------------------------------------------

LESSON = """# Sum
```nabla
x = [0.5, 1]; print 1 + 1
```
```output
3
```
```ask sum
question: What is x₁ + x₁?
answer: x[1] + x[1]
```
"""
NO_ROOM = [  # what is run, the file that it would have written
    (["-c", program.EXERCISE, "-c", "export sheet.tex"], "sheet.tex"),
    (["-c", program.EXERCISE, "-c", "export sheet.html"], "sheet.html"),
    (["-c", program.EXERCISE, "-c", "save net.safetensors"], "net.safetensors"),
    (["--bless", "sum.md"], "sum.md"),
    (["--grade", "sum.md", "--answers", "given.txt", "--json", "r.json"], "r.json"),
    (["--grade", "sum.md", "--answers", "given.txt", "--junit", "r.xml"], "r.xml"),
    (["--grade", "sum.md", "--answers", "given.txt", "--csv", "r.csv"], "r.csv"),
]


def room_problem(nabla, folder, limit, arguments, name):
    given = {"sum.md": LESSON, "given.txt": "sum: 1\n"}
    for path, text in given.items():
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)
    limited = f'ulimit -f {limit}; exec "$@"'
    result = program.run("sh", "-c", limited, "sh", os.path.abspath(nabla), *arguments, cwd=folder)
    wrong = problem(result, 4, [f"cannot write {name}: File too large"])
    left = sorted(set(os.listdir(folder)) - set(given))
    with open(os.path.join(folder, "sum.md"), encoding="utf-8") as file:
        whole = file.read() == LESSON
    return wrong or (f"leaves {left} behind" if left else None) or (None if whole else "the lesson is not as it was")


def check_room(tally, nabla):
    with tempfile.TemporaryDirectory() as folder:
        for arguments, name in NO_ROOM:
            tally.check(f"no room: {arguments}", room_problem(nabla, folder, 0, arguments, name))
        for arguments, name in NO_ROOM[:2]:
            tally.check(f"little room: {arguments}", room_problem(nabla, folder, 1, arguments, name))


def main(nabla, table):
    tally = program.Tally()
    nabla = os.path.abspath(nabla)
    check_table(tally, nabla, table)
    check_places(tally, nabla)
    check_hostile(tally, nabla)
    check_runs(tally, nabla)
    check_room(tally, nabla)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
