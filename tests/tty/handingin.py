# SPDX-License-Identifier: GPL-3.0-or-later
"""A student plays at a terminal, of any width and in colour, leaves, goes on and hands in."""
import os
import sys
import tempfile

from terminal import Terminal, begin, expect, main

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import program  # noqa: E402

LESSON = """---
title: Sums
vary: seed
---
# One

```nabla silent
a = round(rand(2) * 100, 0)
```

```ask first points=2
question: What is `=a[1]` + `=a[2]`?
answer: sum(a)
```

# Two

```nabla silent
c = round(rand() * 100, 0)
```

```ask second
question: What is `=a[1]` times two?
answer: 2 * a[1]
```

```ask third
question: What is `=c` times four?
answer: 4 * c
```

```nabla
print a + 1
```
"""


def run(nabla, *arguments, cwd):
    return program.run(os.path.abspath(nabla), *arguments, cwd=cwd)


def lesson_in(folder):
    path = os.path.join(folder, "sums.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(LESSON)
    return path


def test_two_days(nabla):
    """What was answered before leaving is handed in with the rest."""
    with tempfile.TemporaryDirectory() as folder:
        path = lesson_in(folder)
        hand = os.path.join(folder, "hand.txt")
        first = Terminal(nabla, "-q", "--student", "ada", path)
        shown = first.wait("tries left)")
        expect("drawn by seed" in shown, "the seed is named", shown)
        words = shown[shown.index("What is") + 8:].split("?")[0].split()
        a, b = float(words[0]), float(words[2])
        first.wait()
        first.ask("1")
        first.ask("print rand(3)")
        first.ask("rand()")
        first.ask(f"{a + b:g}")
        expect(first.end() == 0)
        second = Terminal(nabla, "-q", "--student", "ada", path, home=first.home)
        second.wait()
        second.ask(f"answers to {hand}")
        with open(hand, encoding="utf-8") as file:
            expect(f"first: {a + b:g}\n" in file.read(), "the first answer")
        second.ask("d = rand()")
        shown = second.ask(f"{2 * a:g}")
        third = float(shown[shown.index("What is") + 8:].split()[0])
        second.ask(f"{4 * third:g}")
        second.ask(f"answers to {hand}")
        expect(second.end() == 0)
        graded = run(nabla, "--grade", "sums.md", "--answers", "hand.txt", cwd=folder)
        expect(graded.status == 0 and "score 4 of 4" in graded.out and "ada" in graded.out, graded.out, graded.err)


def test_recorded(nabla):
    """Colours, short words and a width that is not 80 leave no trace."""
    for size in ((24, 80), (30, 132), (24, 60)):
        with tempfile.TemporaryDirectory() as folder:
            saved = os.path.join(folder, "saved.md")
            terminal = begin(nabla, "-q", "--color", "always", size=size)
            terminal.ask(program.EXERCISE)
            terminal.ask("f")
            terminal.ask(f"transcript {saved}")
            for line in ("b", "s 2", "u", "explain dL/dw1[1,1]", "help step", "print w9", "delta1[1] +", "w1", "s", "undo"):
                terminal.ask(line)
            terminal.send("\r")
            terminal.wait()
            with open(saved, encoding="utf-8") as file:
                text = file.read()
            expect("\x1b" not in text and "```nabla\nbackward\n```" in text, text)
            expect("print w9" in text, "written as it goes")
            expect(terminal.end() == 0)
            tested = run(nabla, "--test", saved, cwd=folder)
            expect(tested.status == 0, size, tested.out, tested.err, text)


if __name__ == "__main__":
    sys.exit(main([test_two_days, test_recorded]))
