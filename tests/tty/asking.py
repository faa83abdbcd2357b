# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole lesson as a student plays it: right, wrong, hint, skip, leave, resume, reveal, present."""
import os

from terminal import Terminal, begin, expect, folder, main

LESSON = """---
title: Deltas
---
# Forward

```nabla silent
net 3-2-2 sigmoid
w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]; w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]
input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1
```

The first input is `=x[1]`.

```ask z11 points=2
question: What is $z^1_1$?
answer: z1[1]
digits: 3
wrong: z1[1] - b1[1] => The bias `=b1[1]` is missing.
hint: Four terms.
hint: The last of them is the bias.
```

```nabla silent
forward quiet
```

# Backward

```ask d11 points=3
question: What is $\\delta^1_1$?
answer: delta1[1]
digits: 3
```

Behind the question.

```ask what
question: What is a delta?
choices: a weight | forward | the derivative by z
answer: the derivative by z
wrong: 1 => Weights are called w.
```

# Update

```nabla silent
backward quiet
```

```ask w11 tries=2
question: And the new $w^1_{1,1}$?
answer: update w1[1,1]
digits: 4
```

The end.
"""


def write_lesson(text=LESSON):
    path = os.path.join(folder(), "deltas.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def holds(shown, *parts):
    """Wherever the terminal's width breaks the lines."""
    words = " ".join(shown.split())
    for part in parts:
        expect(" ".join(part.split()) in words, part, shown)


def a_student_plays(program):
    path = write_lesson()
    terminal = begin(program)
    shown = terminal.ask("lesson " + path)
    holds(shown, "The first input is 0.5.", "Question 1 of 4   2 points", "What is z¹₁?", "hint, skip, reveal", "3 tries left")
    holds(terminal.ask("print z1"), "error: z1 ")
    holds(terminal.ask(""), "3 tries left")
    holds(terminal.ask("next"), "error: a question is open")
    for change in ("s", "w1[1,1] = 3", "lr = 1", "train steps=1"):
        holds(terminal.ask(change), "error: a question is open, and ", "answer it, or type hint, skip or leave first", "3 tries left")
    holds(terminal.ask("s = 0.5*0.15"), "s  a number, 0.075")
    holds(terminal.ask("0.235"), "wrong\n", "The bias 0.35 is missing.", "2 tries left")
    holds(terminal.ask("0.5*0.15+"), "error:")
    for refused in ("hello", "1/0", "nan"):
        holds(terminal.ask(refused), "error: ", "2 tries left")
    holds(terminal.ask("hint"), "Four terms.")
    holds(terminal.ask("print 0.5*0.25"), "0.125\n")
    holds(terminal.ask("0.6"), "Right as far as it goes, but 3 digits")
    shown = terminal.ask("0.5*0.15 + 0.5*0.25 + 0.1*0.35 + 0.35")
    holds(shown, "right\n", "(1 of 3) Enter goes on")
    for word in ("hint", "skip", "reveal"):
        holds(terminal.ask(word), "error: no question is open here: Enter goes on")
    holds(terminal.ask("print loss"), "0.243513\n")
    holds(terminal.ask(""), "What is δ¹₁?")
    holds(terminal.ask("-0.002238"), "wrong\n", "mistake: one-path", "2 tries left")
    terminal.ask("leave")
    holds(terminal.ask("hint"), "error: no question is open")
    home = terminal.home
    expect(terminal.end() == 0)
    a_student_comes_back(program, path, home)


def a_student_comes_back(program, path, home):
    terminal = begin(program, home=home)
    shown = terminal.ask("lesson " + path)
    holds(shown, "going on with section 2 of 3", "Question 2 of 4   3 points", "2 tries left")
    expect("Forward" not in shown, shown)
    shown = terminal.ask("reveal")
    holds(shown, "answer: 0.0097247", "Path by path", "difference quotient", "Behind the question.", "3  the derivative by z")
    holds(terminal.ask("a weight"), "wrong\n", "Weights are called w.")
    holds(terminal.ask("9"), "error: expected one of the choices")
    shown = terminal.ask("forward")
    holds(shown, "wrong\n", "1 try left")
    shown = terminal.ask("skip")
    holds(shown, "(2 of 3) Enter goes on")
    holds(terminal.ask("again"), "answer: 0.0097247", "What is a delta?")
    holds(terminal.ask("3"), "right\n")
    holds(terminal.ask("n"), "And the new w¹₁₁?")
    holds(terminal.ask("print dw1[1,1]"), "0.00486235")
    holds(terminal.ask("w1[1, 1] = 0.1505"), "wrong\n", "1 try left")
    shown = terminal.ask("w1[1,1] - lr*0.00486235")
    holds(shown, "right\n", "it earns no points", "The end.", "That was the lesson", "3 of 7 points, 1 answer assisted")
    holds(terminal.ask("next"), "error")
    shown = terminal.ask("lesson " + path)
    holds(shown, "done before: your answers are kept", "Question 1 of 4", "answer: 0.585", "(1 of 3)")
    expect(terminal.end() == 0)


def the_last_try_reveals(program):
    terminal = begin(program, write_lesson(LESSON.replace("title: Deltas", "skip: never")))
    holds(terminal.ask("skip"), "error: this lesson lets no question go")
    holds(terminal.ask("reveal"), "error: this lesson lets no question go")
    terminal.ask("1")
    holds(terminal.ask("2"), "wrong\n", "1 try left")
    holds(terminal.ask("3"), "That was the last try.", "answer: 0.585", "(1 of 3)")
    expect(terminal.end() == 0)


def the_list_tells(program):
    path = write_lesson()
    terminal = begin(program, NABLA_LESSONS=os.path.dirname(path))
    expect(terminal.ask("lessons").split() == ["Deltas", "deltas"])
    terminal.ask("lesson deltas")
    terminal.ask("0.585")
    holds(terminal.ask("lessons"), "Deltas", "1 of 3, 2 of 7 points")
    terminal.ask("leave")
    holds(terminal.ask("lesson deltas anew"), "Question 1 of 4")
    holds(terminal.ask("lessons"), "0 of 3, 0 of 7 points")
    expect(terminal.end() == 0)


def damaged_progress_is_told(program):
    home = folder()
    os.mkdir(os.path.join(home, "nabla"))
    with open(os.path.join(home, "nabla", "progress.json"), "w", encoding="utf-8") as file:
        file.write("[")
    terminal = begin(program, home=home)
    holds(terminal.ask("lesson " + write_lesson()), "progress.json is damaged", "Question 1 of 4")
    holds(terminal.ask("0.585"), "right\n")
    shown = terminal.ask("lesson " + write_lesson())
    expect("Question 1 of 4" in shown and "damaged" not in shown, "it is said once", shown)
    expect(terminal.end() == 0)


def press(terminal, key, text):
    terminal.send(key)
    return terminal.wait(text)


def a_teacher_presents(program):
    terminal = begin(program)
    terminal.send(f"lesson {write_lesson()} present\r")
    terminal.wait("───────")
    press(terminal, "\r", "The first input is")
    press(terminal, "b", "───────")
    press(terminal, " ", "The first input is")
    press(terminal, " ", "Question 1 of 4")
    press(terminal, " ", "What is")
    press(terminal, " ", "answer: 0.585")
    press(terminal, "\x7f", "What is")
    terminal.send("q")
    holds(terminal.wait(), "(1 of 3) Enter goes on")
    holds(terminal.ask("print x"), "[0.5, 0.5, 0.1]")
    holds(terminal.ask("again"), "The first input is", "Question 1 of 4")
    expect(terminal.end() == 0)


def nobody_presents_to_a_dumb_terminal(program):
    terminal = begin(program, term="dumb")
    holds(terminal.ask(f"lesson {write_lesson()} present"), "Question 1 of 4", "3 tries left")
    expect(terminal.end() == 0)


if __name__ == "__main__":
    main([a_student_plays, the_last_try_reveals, the_list_tells, damaged_progress_is_told,
          a_teacher_presents, nobody_presents_to_a_dumb_terminal])
