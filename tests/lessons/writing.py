#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""writing.py NABLA: the blocks of a lesson write files only below the working folder."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

TRAINED = program.EXERCISE + "; train epochs=2 quiet"
SAMPLES = "data xor; net 2-2-1 sigmoid"

# what comes first; the command, which writes to {}; the ending
WRITERS = [
    (program.EXERCISE, "save {}", "npz"),
    (program.EXERCISE, "save {}", "safetensors"),
    (program.EXERCISE, "export {}", "tex"),
    (program.EXERCISE, "export {}", "html"),
    (program.EXERCISE + "; forward", "explain loss to {}", "html"),
    (program.EXERCISE, "train epochs=1 quiet log={}", "csv"),
    (program.EXERCISE, "train epochs=1 quiet checkpoint={}", "safetensors"),
    (TRAINED, "runs to {}", "csv"),
    (SAMPLES, "predict train to {}", "csv"),
]
OUTSIDE = ("../evil.{}", "{above}/evil.{}", "below/../../evil.{}", "out/evil.{}", "link.{}")
INSIDE = ("good.{}", "./below/good.{}", "{here}/below/good.{}", "back/good.{}", "below/../good.{}")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def make_folders(above):
    """A working folder with links out of it and back to it."""
    here = os.path.join(above, "here")
    os.makedirs(os.path.join(here, "below"))
    os.symlink("..", os.path.join(here, "out"))
    os.symlink("../here", os.path.join(here, "back"))
    for _, _, ending in WRITERS:
        link = os.path.join(here, "link." + ending)
        if not os.path.islink(link):
            os.symlink("../evil." + ending, link)
    return here


def lesson(before, command, fence="nabla"):
    return f"---\ntitle: Writes\n---\n# One\n\n```nabla silent\n{before}\n```\n\n```{fence}\n{command}\n```\n"


def evil(above):
    return [name for name in os.listdir(above) if name.startswith("evil")]


def test_writers(nabla, above, tally):
    here = make_folders(above)
    for before, command, ending in WRITERS:
        for path in OUTSIDE + INSIDE:
            words = command.replace("{}", path.replace("{}", ending).format(above=above, here=here))
            for way in (["--test"], []):
                result = program.run(nabla, *way, write(here, "lesson.md", lesson(before, words)), cwd=here)
                refused = "only below the working folder" in result.err and "unsafe-paths" in result.err
                good = not evil(above) and (refused and result.status == (1 if way else 3)
                                            if path in OUTSIDE else result.status == 0)
                tally.check(f"{way} {words}", result.crash() or (None if good else result.out + result.err))
        outside = command.replace("{}", "../free." + ending)
        result = program.run(nabla, "-c", f"{before}; {outside}", cwd=here)
        written = os.path.exists(os.path.join(above, "free." + ending))
        tally.check(f"typed {outside}", None if result.status == 0 and written else result.err)


def test_ways_around(nabla, above, tally):
    """A script that a block runs, the paths in a file, undo, and the setting itself."""
    here = make_folders(above)
    write(here, "evil.nabla", "save ../evil.npz\n")
    write(here, "on.nabla", "set unsafe-paths on\n")
    cut = f"{program.EXERCISE}; train epochs=3 quiet checkpoint={above}/run.safetensors"
    program.run(nabla, "-c", cut, cwd=here)
    kept = os.stat(f"{above}/run.safetensors").st_mtime_ns
    for before, command, said in (
            (program.EXERCISE, "source evil.nabla", "only below"),
            ("print 1", "source on.nabla", "at the prompt"),
            ("print 1", "set unsafe-paths on", "at the prompt"),
            ("print 1", "expect fails 0 \"set unsafe-paths on\"", "status 3"),
            (program.EXERCISE, "expect fails 0 \"save ../evil.npz\"", "status 3")):
        result = program.run(nabla, write(here, "lesson.md", lesson(before, command)), cwd=here)
        good = result.status and said in result.err and not evil(above)
        tally.check(command, result.crash() or (None if good else result.out + result.err))
    program.run(nabla, write(here, "lesson.md", lesson(f"load {above}/run.safetensors", "train resume")), cwd=here)
    tally.check("train resume", None if os.stat(f"{above}/run.safetensors").st_mtime_ns == kept else "written")
    for where in (["-c", "set unsafe-paths on"], [os.path.join(here, "on.nabla")]):
        result = program.run(nabla, *where, cwd=here)
        tally.check(str(where), None if result.status == 3 else f"{result.status} {result.err}")
    for words in ("set unsafe-paths off", "set unsafe-paths"):
        result = program.run(nabla, "-c", words, cwd=here)
        tally.check(words, None if result.status == 0 else result.err)


def main(nabla):
    tally = program.Tally()
    for test in (test_writers, test_ways_around):
        with tempfile.TemporaryDirectory() as above:
            test(os.path.abspath(nabla), os.path.realpath(above), tally)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
