# SPDX-License-Identifier: GPL-3.0-or-later
"""What lasts: training that is interrupted, a lesson in sections."""
import os
import time

from terminal import Terminal, begin, expect, folder, main, run

LESSON = """---
title: Three sections
---
# One

First words.

```nabla
a = 1
print a
```

# Two

```nabla silent
a = 2
```

Second words.

# Three

```nabla
print a + 1
```
"""


def write_lesson(text):
    path = os.path.join(folder(), "three.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def section(terminal, line, end="Enter goes on"):
    """Types a line that shows a section, whose commands stand behind prompts, too."""
    terminal.send(line + "\r")
    shown = terminal.wait(end)
    terminal.wait("\n")
    terminal.wait()
    return shown.split("\n", 1)[1]


def unsafe_paths_are_typed(program):
    path = write_lesson("# One\n\n```nabla\ndata xor; net 2-2-1 sigmoid\nsave ../unsafe.npz\n```\n")
    before = os.getcwd()
    where = os.path.join(os.path.dirname(path), "unsafe.npz")
    os.mkdir(os.path.join(os.path.dirname(path), "below"))
    terminal_program = os.path.abspath(program)
    os.chdir(os.path.join(os.path.dirname(path), "below"))
    terminal = begin(terminal_program)
    os.chdir(before)
    expect("set unsafe-paths on" in section(terminal, f"lesson {path}"))
    terminal.ask("leave")
    expect("error" not in terminal.ask("set unsafe-paths on"))
    expect("nothing to undo" in terminal.ask("undo; undo; undo; undo; undo"))
    expect("on" in terminal.ask("set unsafe-paths"))
    expect(not os.path.exists(where))
    section(terminal, f"lesson {path}", "That was the lesson")
    expect(os.path.exists(where))
    terminal.ask("transcript last saved.md")
    expect(terminal.end() == 0)
    os.remove(where)
    tested = run(terminal_program, "--test", "saved.md", cwd=os.path.join(os.path.dirname(path), "below"))
    expect(tested.status == 0 and not os.path.exists(where), tested.out, tested.err)


def files_are_asked_for(program):
    """What a person has is not written over without a word; what the lesson wrote is."""
    path = write_lesson("# One\n\n```nabla silent\ndata xor; net 2-2-1 sigmoid; train epochs=1 quiet\n"
                        "runs to mine.csv; runs to new.csv\n```\n\n# Two\n\nThe end.\n")
    before = os.getcwd()
    program = os.path.abspath(program)
    os.chdir(os.path.dirname(path))
    terminal = begin(program)
    os.chdir(before)
    mine = os.path.join(os.path.dirname(path), "mine.csv")
    for answer, kept in (("n", True), ("y", False)):
        with open(mine, "w", encoding="utf-8") as file:
            file.write("my own\n")
        terminal.send(f"lesson {path} anew\r")
        terminal.wait("mine.csv is there already: may the lesson write over it? (y or n) ")
        shown = section(terminal, answer)
        expect(("mine.csv stays as it" in shown) == kept, shown)
        with open(mine, encoding="utf-8") as file:
            expect((file.read() == "my own\n") == kept)
        expect(os.path.exists(os.path.join(os.path.dirname(path), "new.csv")) != kept)
    expect("(y or n)" not in section(terminal, "again"))
    expect(terminal.end() == 0)


def ctrl_c_stops_training(program):
    terminal = begin(program)
    terminal.ask("data xor")
    terminal.ask("net 2-4-4-1 sigmoid seed=1")
    before = terminal.ask("print w1")
    terminal.send("train epochs=1000000000 every=100000000\r")
    time.sleep(1)
    began = time.time()
    terminal.send("\x03")
    terminal.wait()
    expect(time.time() - began < 5, time.time() - began)
    after = terminal.ask("print w1")
    expect(after.startswith("[[") and after != before, before, after)
    expect(terminal.ask("print 5") == "5\n")
    expect(terminal.end() == 0)


def ctrl_c_ends_a_script(program):
    terminal = Terminal(program, "-c", "data xor; net 2-4-4-1; train epochs=1000000000 every=100000000; print 99")
    time.sleep(1)
    terminal.send("\x03")
    shown = terminal.child.read()
    expect("99" not in shown.split("\n"), shown)
    expect(terminal.close() == 130, terminal.child.exitstatus)


def enter_goes_on(program):
    terminal = begin(program)
    shown = section(terminal, "lesson " + write_lesson(LESSON))
    expect("First words." in shown and "∇ print a\n1\n" in shown and "Second" not in shown, shown)
    expect(terminal.ask("print a") == "1\n")
    shown = section(terminal, "")
    expect("Second words." in shown and "a = 2" not in shown, shown)
    expect("Second words." in section(terminal, "again"))
    shown = section(terminal, "n", "That was the lesson")
    expect("∇ print a + 1\n3\n" in shown, shown)
    expect(terminal.ask("") == "")
    expect("error" in terminal.ask("next"))
    expect(terminal.end() == 0)


def a_file_is_played_in_sections(program):
    terminal = Terminal(program, write_lesson(LESSON))
    shown = terminal.wait("Enter goes on")
    expect("First words." in shown and "Second" not in shown, shown)
    terminal.wait("\n")
    terminal.wait()
    terminal.ask("leave")
    expect("error" in terminal.ask("next"))
    expect(terminal.end() == 0)


def a_failing_block_stops(program):
    terminal = begin(program)
    path = write_lesson("# A\n\n```nabla\nforward\nprint 1\n```\n\nunseen\n\n# B\n\nmore\n")
    shown = section(terminal, "lesson " + path)
    expect(":4:1: error" in shown and "unseen" not in shown, shown)
    shown = section(terminal, "", "That was the lesson")
    expect("more" in shown, shown)
    expect(terminal.end() == 0)


if __name__ == "__main__":
    main([unsafe_paths_are_typed, files_are_asked_for, ctrl_c_stops_training, ctrl_c_ends_a_script, enter_goes_on, a_file_is_played_in_sections,
          a_failing_block_stops])
