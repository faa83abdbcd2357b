#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""lint.py SOURCE: the rules of the house that a machine can see.

Each function yields what breaks its rule.  Rules that need a tool (clang-format, ctags)
are left out, saying so, where it is missing.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

# A layer includes its own headers and those of these layers; all may include nabla.h.
LAYERS = {
    "base": [],
    "num": ["base"],
    "engine": ["num", "base"],
    "format": ["base"],
    "data": ["format", "base"],
    "model": ["format", "base"],
    "formula": ["base"],
    "view": ["formula", "base"],
    "lang": ["base"],
    "lesson": ["lang", "base"],
    "command": ["base", "engine", "format", "data", "model", "formula", "view", "lang", "lesson"],
    "shell": ["command", "lang", "base"],
}
TOP = set("meson.build meson_options.txt src include lessons tests README.md LICENSE NEWS.md".split())
LINES_MOST, FUNCTION_MOST, HEADER_MOST = 800, 60, 600
# Dispatch loops, which may be longer than a function should be.
LONG_FUNCTIONS = set()
UNFINISHED = r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK|place" r"holder|st" r"ub|not (yet )?imple" r"mented)\b"


def listed(root):
    """The files of the project, relative: those that git knows or would take, else all that stand there."""
    if os.path.isdir(os.path.join(root, ".git")) and shutil.which("git"):
        run = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True)
        if run.returncode == 0:
            return [f for f in sorted(set(run.stdout.splitlines())) if os.path.isfile(os.path.join(root, f))]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith((".", "build", "__pycache__"))]
        found += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def sources(files, *folders):
    return [f for f in files if f.endswith((".c", ".h")) and f.startswith(folders or ("src/", "include/", "tests/"))]


def top_level(root, files):
    for entry in sorted({f.split("/")[0] for f in files}):
        if entry not in TOP and not entry.startswith("."):
            yield f"{entry} does not belong at the top level"


def includes_point_down(root, files):
    for path in sources(files, "src/"):
        layer = path.split("/")[1]
        for included in re.findall(r'^\s*#\s*include\s+"([^"]+)"', read(root, path), re.M):
            target = included.split("/")[0]
            if included != "nabla.h" and target != layer and target not in LAYERS.get(layer, []):
                yield f"{path} includes {included}"
            if "/" not in included and included != "nabla.h":
                yield f"{path} includes {included} without its folder"


def readline_in_one_file(root, files):
    users = [f for f in sources(files, "src/") if "<readline/" in read(root, f)]
    if len({os.path.dirname(f) for f in users} - {"src/shell"}) or len(users) > 1:
        yield "readline is included by " + ", ".join(users)


def licence_line(root, files):
    for path in files:
        if not path.endswith((".c", ".h", ".py", ".sh", "meson.build", "meson_options.txt")):
            continue
        lines = read(root, path).splitlines()[:2]
        line = lines[1] if lines and lines[0].startswith("#!") and len(lines) > 1 else (lines or [""])[0]
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in line:
            yield f"{path} does not begin with its licence"


def length(root, files):
    for path in sources(files):
        lines = read(root, path).count("\n")
        most = HEADER_MOST if path == "include/nabla.h" else LINES_MOST
        if lines > most:
            yield f"{path} has {lines} lines, at most {most}"


def function_length(root, files):
    ctags = shutil.which("ctags")
    if not ctags or "Universal" not in subprocess.run([ctags, "--version"], capture_output=True, text=True).stdout:
        print("ctags is missing: the length of functions is not looked at")
        return
    run = subprocess.run([ctags, "-x", "--kinds-C=f", "--_xformat=%{input}\t%{name}\t%{line}\t%{end}",
                          *sources(files)], cwd=root, capture_output=True, text=True, check=True)
    for row in run.stdout.splitlines():
        path, name, first, last = row.split("\t")
        lines = int(last) - int(first) + 1
        if lines > FUNCTION_MOST and name not in LONG_FUNCTIONS:
            yield f"{path}: {name} has {lines} lines, at most {FUNCTION_MOST}"


def formatting(root, files):
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not tool or " 14." not in subprocess.run([tool, "--version"], capture_output=True, text=True).stdout:
        print("clang-format 14 is missing: formatting is not looked at")
        return
    run = subprocess.run([tool, "--dry-run", *sources(files)], cwd=root, capture_output=True, text=True)
    for path in sorted(set(re.findall(r"^([^\s:]+):\d+:\d+: \w+: code should be clang-formatted", run.stderr, re.M))):
        yield f"{path} is not formatted"


def unfinished(root, files):
    for path in files:
        if not path.startswith(("src/", "include/", "lessons/", "tests/")) or path.startswith("lessons/data/"):
            continue
        for number, line in enumerate(read(root, path).splitlines(), 1):
            if re.search(UNFINISHED, line):
                yield f"{path}:{number}: {line.strip()}"


def blanks(root, files):
    for path in files:
        if path.endswith((".c", ".h", ".py", ".md", ".txt", "meson.build")):
            text = read(root, path)
            if re.search(r"[ \t]+$", text, re.M) and not path.startswith("tests/transcript/"):
                yield f"{path} has blanks at the end of a line"
            if "\r" in text or ("\t" in text and path.endswith((".c", ".h"))):
                yield f"{path} has tabs or carriage returns"
            if text and not text.endswith("\n"):
                yield f"{path} does not end with a newline"


def public_functions_are_tested(root, files):
    declared = re.findall(r"^NB_API[^;(]*?\b(nb_\w+)\(", read(root, "include/nabla.h"), re.M)
    tests = "\n".join(read(root, f) for f in sources(files, "tests/unit/"))
    for name in declared:
        if not re.search(rf"\b{name}\b", tests):
            yield f"no unit test calls {name}"


def library_is_silent(root, files):
    """Nothing below the shell prints or ends the program."""
    for path in sources(files, "src/"):
        if path.startswith("src/shell/"):
            continue
        text = re.sub(r"/\*.*?\*/|//[^\n]*|\"(\\.|[^\"\\])*\"", "", read(root, path), flags=re.S)
        for word in re.findall(r"\b(printf|puts|putchar|fputs|fprintf|perror|exit|abort|_Exit|longjmp|system|popen)\s*\(",
                               text):
            yield f"{path} calls {word}"


def manual_has_every_option(root, files):
    page = read(root, "src/shell/nabla.1.in").replace("\\-", "-")
    for option in re.findall(r'^    \{ "(--?[a-z]+)"', read(root, "src/shell/options.c"), re.M):
        if not re.search(rf"^\.B\w? {option}\b", page, re.M):
            yield f"nabla.1.in lacks {option}"


RULES = [top_level, includes_point_down, readline_in_one_file, licence_line, length, function_length, formatting,
         unfinished, blanks, public_functions_are_tested, library_is_silent, manual_has_every_option]


def main(root):
    tally = program.Tally()
    files = listed(root)
    for rule in RULES:
        tally.check(rule.__name__.replace("_", " "), "\n".join(rule(root, files)))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
