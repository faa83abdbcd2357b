#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""recording.py NABLA: transcripts replay as tests, and blessing changes output blocks only."""
import os
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

# sessions, which run with -k; what their transcript must say, bars between
SESSIONS = {
    "exercise": (program.EXERCISE + "\nforward\nbackward; delta2\nexplain dL/dw1[1,1]\nupdate\nundo; redo\n"
                 "unstep 2\ngradcheck", "```nabla\nbackward\n``` | ```nabla\ndelta2\n```"),
    "failures": ("print w1\nfoo bar\nprint 1 +\nset digits 40\nexpect 1 == 2\nexpect fails 2 \"foo\"\nprint 3\nload none.npz",
                 "```nabla fails\nprint w1\n``` | ```nabla fails\nfoo bar\n``` | print 3\n```\n\n```output\n3\n```"),
    "lines": ("a = [1, 2;\n     3, 4] # a comment\nprint a @ \\\n  a\nb = 3; # nothing\n\"```\"\nprint [1, # one\n 2]",
              "a = [1, 2;\n     3, 4]\n"),
    "questions": (program.EXERCISE + "\ncheck delta2[1] = 3\ncheck delta2[1] = -0.0243\nquiz delta1[1]\n0.3\nquiz delta1[2]",
                  "wrong\n"),
    "training": ("data xor; net 2-4-1 tanh sigmoid\ntrain epochs=40 every=10\nruns\nevaluate\nsave x.safetensors\n"
                 "save {folder}/y.safetensors\nload {folder}/none.safetensors\ntrain epochs=3 log={folder}/log.csv", "... | saved"),
    "draws": ("a = rand(3)\nnet 4-3-2\nprint w1\ninit\ndata spiral n=20; data\nprint randn(2)", "print w1"),
    "display": ("set digits 3\nset round 4\n" + program.EXERCISE + "\nshow settings\nforward\nset digits 12\nyhat\nplan\nconventions",
                "set digits 3"),
    "machine": ("set threads 2\nset color\nset\nhelp threads\nset pager on\nset pager maybe\nset digits 4\nprint 1/3",
                "set color\n``` | set digits 4\n | 0.3333"),
    "outside": ("data xor; net 2-2-1\nsave ../out.npz\nprint w1\ntrain epochs=2 log=../out.csv\nprint w1",
                "is left out here:\n\n```text\nsave ../ | ```text\ntrain | print w1\n```\n\n```output\n[["),
    "script": ("source inner.nb\nprint 7\nhistory\nversion", "```nabla\nprint 5\n```"),
    "lesson": ("source inner.md\nprint 8", "```nabla\nprint 6\n``` | ```nabla fails\nprint w7\n```"),
    "long": ("a = [" + ", ".join(str(i / 7) for i in range(3000)) + "]\nprint sum(a)\n"
             "input " + " ".join(str(i / 7) for i in range(800)) + "\nprint sum(x)", "print sum(x)"),
}


class Bench:
    def __init__(self, nabla, folder, tally):
        self.nabla, self.folder, self.tally = nabla, folder, tally
        os.mkdir(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return name

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run(self, *arguments, **more):
        result = program.run(self.nabla, *arguments, cwd=self.folder, **more)
        self.tally.check(f"{arguments}: no crash", result.crash())
        return result

    def check(self, name, good, told=""):
        self.tally.check(name, None if good else told or "no")

    def replays(self, name, path):
        result = self.run("--test", path)
        self.check(name, result.status == 0 and not result.out.startswith("0 passed"), result.out + result.err)


def test_sessions(bench):
    bench.write("inner.nb", "print 5\n")
    bench.write("inner.md", "# In\n\n```nabla\nprint 6\n```\n\n```nabla fails\nprint w7\n```\n")
    for name, (session, said) in SESSIONS.items():
        session = session.replace("{folder}", bench.folder)
        bench.write("s.nb", session + "\ntranscript last t.md\n")
        for options in (["-k"], ["-k", "--digits", "4", "--seed", "7"], ["-k", "--color", "always"]):
            bench.run(*options, "s.nb")
            text = bench.read("t.md").decode()
            bench.check(f"{name} says", all(part.strip(" ") in text for part in said.split("|")), text)
            bench.check(f"{name} has no path", bench.folder + "/y" not in text.split("```output")[-1], text)
            bench.replays(f"{name} {options[1:]}", "t.md")
        bench.run("-k", "s.nb", LC_ALL="C")
        bench.replays(f"{name} in ASCII", "t.md")
        bench.run("t.md")
        again = bench.run("-q", "t.md", "-c", "transcript last u.md")
        if again.status == 0:
            bench.replays(f"{name} twice", "u.md")


PLAYED = """# One

```nabla
a = [1, 2]; b = 3
```

```ask sum
question: a[1] + a[2]?
answer: sum(a)
```

# Two

```nabla
a = 2 * a
```

# Three
"""

# what a person types at it, what the transcript says, and what it does not
PLAYS = [
    ("net 2-2\nlr = 3\na = 7\nc = 4\nexpect fails 3 \"net 2-2\"\n3\nprint a, c", "c = 4\n | sum: 3\n | print a, c\n",
     "net 2-2 | lr = 3 | a = 7"),
    ("3\nnext\na = 9; net 3-1\nforward\nagain\nprint a", "undo\n | print a\n```\n\n```output\n[2, 4]", "redo"),
    ("skip\nnext\nundo; undo; undo\na = 5\nagain\nprint a, b", "print a, b\n```\n\n```output\n[2, 4]", ""),
]


def test_playing(bench):
    """What a person does in a lesson replays; what was refused for an open question does not stand in the way."""
    bench.write("played.md", PLAYED)
    for typed, said, unsaid in PLAYS:
        bench.run("-ki", "played.md", stdin=typed + "\ntranscript last t.md\n", XDG_STATE_HOME=program.folder())
        text = bench.read("t.md").decode()
        good = all(part.strip(" ") in text for part in said.split("|"))
        good = good and not any(part.strip(" ") in text for part in unsaid.split("|") if part)
        bench.check(f"{typed!r} says", good, text)
        bench.replays(f"{typed!r} replays", "t.md")


def test_recording(bench):
    commands = "net 2-2; a = 3; transcript r.md; print a; print 4"
    bench.run("-c", commands)
    text = bench.read("r.md").decode()
    bench.check("ends with the session", "print 4" in text, text)
    bench.check("silent before", "```nabla silent\nnet 2-2\na = 3\n```" in text, text)
    bench.replays("from the middle", "r.md")
    bench.run("-c", commands + "; transcript off; print 5; transcript last l.md")
    bench.check("off", b"print 5" not in bench.read("r.md") and b"print 5" in bench.read("l.md"), "no")
    for commands, status, said in (("transcript off", 3, "transcript FILE"), ("transcript none/x.md", 4, "none/x.md"),
                                   ("transcript last none/x.md", 4, "none/x.md"), ("transcript last", 2, ""),
                                   ("transcript x.md last y.md", 2, "one at a time"), ("transcript", 0, "")):
        result = bench.run("-c", commands)
        bench.check(commands, result.status == status and said in result.err, f"{result.status} {result.err}")
    bench.write("in.md", "```nabla\ntranscript x.md\n```\n")
    bench.check("not in a lesson", bench.run("--test", "in.md").status == 1, "it did")
    bench.write("old.md", "old")
    os.mkdir(bench.path("locked"))
    bench.write("locked/old.md", "old")
    os.chmod(bench.path("locked"), stat.S_IRUSR | stat.S_IXUSR)
    if os.geteuid():
        result = bench.run("-c", "print 1; transcript last locked/old.md")
        bench.check("a failed write", result.status == 4 and bench.read("locked/old.md") == b"old", result.err)
    os.chmod(bench.path("locked"), stat.S_IRWXU)
    big = "\n".join(f'print "{i}", {i}' if False else f"print {i}" for i in range(60_000))
    bench.write("big.nb", big + "\ntranscript last old.md\n")
    result = bench.run("big.nb")
    bench.check("too long", result.status == 3 and bench.read("old.md") == b"old", f"{result.status} {result.err}")


def test_killed(bench):
    """What was typed before the end, however it came, is in the file."""
    running = subprocess.Popen([bench.nabla, "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=bench.folder,
                               env=program.environment())
    running.stdin.write(b"transcript k.md\n" + b"".join(b"print %d\n" % i for i in range(500)))
    running.stdin.flush()
    while running.stdout.readline().strip() != b"499":
        pass
    running.kill()
    running.communicate()
    kept = bench.read("k.md").count(b"```output")
    bench.check("killed", kept > 440, kept)
    bench.replays("killed", "k.md")


# ---- Blessing ----------------------------------------------------------------------------------------

# an output block before, what is printed, the block after
BLOCKS = [
    ("1\n", "print 2", "2\n"),
    ("0.333\n", "print 1/3", "0.333\n"),
    ("...\n", "print 1; print 2", "...\n"),
    ("...\n5\n", "print 1; print 2; print 3", "...\n3\n"),
    ("5\n...\n", "print 1; print 2; print 3", "1\n...\n"),
    ("1\n...\n9\n", "print 1; print 2; print 3", "1\n...\n3\n"),
    ("...\n2\n...\n9\n", "print 1; print 2; print 7; print 3", "...\n2\n...\n3\n"),
    ("...\n8\n...\n9\n", "print 1; print 2; print 7; print 3", "1\n...\n3\n"),
    ("...\n[8]\n...\n9\n", "print 1; print 2; print 7; print 3", "...\n3\n"),
    ("...\n[8, -1]\n...\n", "print 1; print [2, 3]; print 7", "...\n[2, 3]\n...\n"),
    ("0.3\n7\n", "print 1/3; print 2/3", "0.3\n0.666667\n"),
    ("7\n0.3\n", "print 1/3", "0.3\n"),
    ("7\n", "print 1/3", "0.333333\n"),
    ("", "print 4", "4\n"),
    ("4\n5\n", "a = 1; print 4", None),
    ("9\n", "silence = 1", None),
    ("error: ...\n", "print w1", "error: ...\nprint w1\n      ^\n"),
]


def lesson_of(blocks, end="\n"):
    """Prose, blocks and a comment, with odd blanks that must stay."""
    text = "---\ntitle: T\n---\n#  Odd   blanks  \n\n<!-- é -->\n"
    for expected, commands in blocks:
        kind = "nabla fails" if "w1" in commands else "nabla"
        commands = commands.replace("; ", "\n")
        text += f"```{kind}\n{commands}\n```\n\nProse\t \n\n```output  \n{expected}```\n* item\n\n"
    return (text + "the end, without a newline").replace("\n", end).encode()


def test_blocks(bench):
    for before, commands, after in BLOCKS:
        bench.write("b.md", lesson_of([(before, commands)]))
        result = bench.run("--bless", "b.md")
        bench.check(f"{commands}: blessed", result.status == 0, result.err)
        got = bench.read("b.md")
        if after is not None:
            bench.check(f"{commands}: as wanted", got == lesson_of([(after, commands)]), got.decode())
        bench.replays(f"{commands}: passes", "b.md")
        bench.run("--bless", "b.md")
        bench.check(f"{commands}: twice is once", bench.read("b.md") == got, bench.read("b.md"))
    for end in ("\n", "\r\n"):
        bench.write("b.md", lesson_of([(before, commands) for before, commands, after in BLOCKS if after], end))
        result = bench.run("--bless", "b.md")
        wanted = lesson_of([(after, commands) for _, commands, after in BLOCKS if after], end)
        bench.check(f"all with {end!r}", bench.read("b.md") == wanted, bench.read("b.md"))
        others = sum(before != after for before, _, after in BLOCKS if after)
        bench.check("it says how many", f": {others} of {wanted.count(b'output')} " in result.out, result.out)


def test_training_kept(bench):
    session = "data xor; net 2-4-1 tanh sigmoid\ntrain epochs=40 every=10\nruns\ntranscript last t.md\n"
    bench.run("-k", bench.write("s.nb", session))
    text = bench.read("t.md").decode()
    bench.write("t.md", text.replace("tanh sigmoid\n```\n\n```output", "tanh sigmoid seed=5\n```\n\n```output"))
    result = bench.run("--bless", "t.md")
    blessed = bench.read("t.md").decode()
    bench.check("times stay dots", result.status == 0 and blessed.count("...") == text.count("..."), blessed)
    bench.check("numbers are others", blessed != text, blessed)
    bench.replays("blessed training", "t.md")


def test_varying(bench):
    """Numbers that only one seed gives are said to be that."""
    blocks = "```nabla\nprint %s\n```\n```output\n7\n```\n"
    text = "---\nvary: seed\n---\n" + blocks % "rand()" + blocks % "1 + 1" + blocks % "rand(2)"
    bench.write("v.md", text.encode())
    result = bench.run("--bless", "v.md", "--seed", "3")
    bench.check("it says that they vary", "3 of 3 output blocks rewritten\n2 of them are for seed 3 only" in result.out, result.out)
    seeds = bench.run("--test", "v.md", "--seeds", "3..4")
    bench.check("and they do", seeds.status == 1 and bench.run("--test", "v.md", "--seed", "3").status == 0, seeds.out)
    for other in (text.replace("vary: seed", "order: 1"), text.replace("rand()", "2").replace("rand(2)", "3")):
        bench.write("v.md", other.encode())
        result = bench.run("--bless", "v.md")
        bench.check("nothing varies", "3 of 3" in result.out and "seed" not in result.out, result.out)


def test_faulty(bench):
    faulty = b"```nabla\nprint 1\n```\n```output\n2\n```\n```nabla\nforward\n```\n"
    bench.write("f.md", faulty)
    result = bench.run("--bless", "f.md")
    good = result.status == 1 or result.status == 3
    bench.check("a failing block", good and "f.md:8:" in result.err and bench.read("f.md") == faulty, result.err)
    bench.write("n.md", b"```nabla needs=cifar10\nprint 1\n```\n```output\n2\n```\n")
    bench.run("--bless", "n.md")
    bench.check("skipped", b"\n2\n" in bench.read("n.md"), bench.read("n.md"))
    os.chmod(bench.path("n.md"), 0o640)
    os.symlink("linked.md", bench.path("link.md"))
    bench.write("linked.md", lesson_of([("1\n", "print 2")]))
    os.chmod(bench.path("linked.md"), 0o640)
    bench.run("--bless", "link.md")
    mode = stat.S_IMODE(os.stat(bench.path("linked.md")).st_mode)
    bench.check("links and modes stay", os.path.islink(bench.path("link.md")) and mode == 0o640, oct(mode))
    for arguments, status, said in ((["--bless"], 2, "--bless FILE"), (["--bless", "-c", "quit"], 2, "-c"),
                                    (["--bless", "--test", "f.md"], 2, "one at a time"),
                                    (["--bless", "none.md"], 4, "none.md")):
        result = bench.run(*arguments)
        bench.check(f"{arguments}", result.status == status and said in result.err, result.err)


def main(nabla):
    tally = program.Tally()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(nabla), os.path.join(folder, "bench"), tally)
        for test in (test_sessions, test_playing, test_recording, test_killed, test_blocks, test_training_kept, test_varying,
                     test_faulty):
            test(bench)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
