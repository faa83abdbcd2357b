# SPDX-License-Identifier: GPL-3.0-or-later
"""Typing: editing, history, several lines, the keys that interrupt and end."""
import os
import tempfile
import time

from terminal import PROMPT, Terminal, begin, expect, folder, main

EXERCISE = ("net 3-2-2 sigmoid; w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]; w2 = [[.4,.45],[.5,.55]];"
            " b2 = [.6,.65]; input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1")


def greeting(program):
    terminal = Terminal(program)
    shown = terminal.wait()
    expect(shown.count("\n") == 3, shown)
    expect("lesson" in shown and "net 3-2-2 sigmoid" in shown and "help" in shown, shown)
    expect(terminal.end() == 0)


def quiet(program):
    terminal = Terminal(program, "-q")
    expect(terminal.wait() == "")
    expect(terminal.end() == 0)


def answers(program):
    terminal = begin(program)
    expect(terminal.ask("print 1 + 1") == "2\n")
    expect(terminal.ask("p 2^10") == "1024\n")
    terminal.send("quit\r")
    expect(terminal.close() == 0)


def all_breaks_are_asked_for(program):
    """As gdb does; a number, a script and a file are not asked about."""
    terminal = begin(program)
    expect("no breaks to delete" in terminal.ask("delete"))
    terminal.ask(EXERCISE + "; break delta1; watch w1; break nan")
    expect(terminal.ask("delete 2") == "")
    for answer, asked, gone in (("n", 1, False), ("x\ry", 2, True)):
        terminal.send("delete\r")
        terminal.wait("delete all breaks? (y or n) ")
        terminal.send(answer + "\r")
        shown = terminal.wait()
        expect(shown.count("(y or n)") == asked - 1, shown)
        expect(("deleted 2 breaks" in shown) == gone, shown)
        expect(("no breaks are set" in terminal.ask("info breaks")) == gone)
    terminal.ask("break delta1")
    terminal.send("delete\r")
    terminal.wait("(y or n) ")
    terminal.send("\x03")
    terminal.wait()
    expect("when delta1" in terminal.ask("info breaks"))
    with tempfile.NamedTemporaryFile("w", suffix=".nb") as script:
        script.write("delete\n")
        script.flush()
        expect("deleted 1 break" in terminal.ask(f"source {script.name}"))
    saved = os.path.join(terminal.home, "saved.md")
    terminal.ask(f"transcript last {saved}")
    with open(saved, encoding="utf-8") as file:
        text = file.read()
    expect("(y or n)" not in text and text.count("\ndelete\n") == 3, text)
    expect(terminal.end() == 0)


def dumb_terminal(program):
    terminal = begin(program, term="dumb")
    expect("2\n" in terminal.ask("print 1 + 1"))
    expect("\x1b" not in terminal.child.before, terminal.child.before)
    expect(terminal.end() == 0)


def color(program):
    terminal = begin(program)
    terminal.ask("print q")
    expect("\x1b[1;31merror:" in terminal.child.before, terminal.child.before)
    terminal = begin(program, NO_COLOR="1")
    terminal.ask("print q")
    expect("error:" in terminal.child.before and "\x1b[1;31m" not in terminal.child.before, terminal.child.before)


def pictures(program):
    for colors, escape in (("", "\x1b[48;5;16m"), ("truecolor", "\x1b[48;2;0;0;0m"), ("24bit", "\x1b[48;2;0;0;0m")):
        terminal = begin(program, COLORTERM=colors)
        terminal.ask("data mnist-mini")
        terminal.ask("data show 1")
        expect(escape in terminal.child.before, repr(terminal.child.before))
        expect(terminal.end() == 0)


def ascii_locale(program):
    terminal = Terminal(program, LC_ALL="C")
    terminal.wait("nabla> ")
    terminal.send(EXERCISE + "; forward\r")
    shown = terminal.wait("nabla> ")
    expect(all(ord(c) < 128 for c in shown), shown)


def errors_go_on(program):
    terminal = begin(program)
    expect("error:" in terminal.ask("print nothing_here"))
    expect(terminal.ask("print 7") == "7\n")
    expect(terminal.end() == 0)


def open_bracket(program):
    terminal = begin(program)
    terminal.send("a = [1, 2;\r")
    terminal.wait("… ")
    terminal.send("3, 4]\r")
    terminal.wait()
    expect(terminal.ask("print a") == "[[1, 2], [3, 4]]\n")
    terminal.send("print 1 + \\\r")
    terminal.wait("… ")
    terminal.send("2\r")
    expect("3\n" in terminal.wait())


def pasted_lines(program):
    terminal = begin(program)
    terminal.send("a = 1\rb = a + 1\rprint a + b\r")
    terminal.wait()
    terminal.wait()
    expect("3\n" in terminal.wait())
    terminal.send("\x1b[200~c = 5\nd = c * 2\nprint d\x1b[201~\r")
    shown = terminal.wait()
    while "\n10\n" not in shown:
        shown += terminal.wait()
    expect("error" not in shown, shown)


def pasted_bracket(program):
    terminal = begin(program)
    terminal.send("\x1b[200~m = [1, 2;\n3, 4]\nprint m @ m\x1b[201~\r")
    shown = ""
    while "[[7, 10], [15, 22]]" not in shown:
        shown += terminal.wait()


def ctrl_c_drops_the_line(program):
    terminal = begin(program)
    terminal.send("print 12345")
    terminal.wait("12345")
    terminal.send("\x03")
    terminal.wait()
    expect(terminal.ask("print 6") == "6\n")
    terminal.send("x = [1,\r")
    terminal.wait("… ")
    terminal.send("\x03")
    terminal.wait()
    expect(terminal.ask("print 8") == "8\n")
    for _ in range(5):
        terminal.send("\x03")
        terminal.wait()
    expect(terminal.end() == 0)


def history_is_kept(program):
    home = folder()
    terminal = begin(program, home=home)
    terminal.ask("print 111")
    terminal.ask("print 222")
    expect(terminal.end() == 0)
    with open(os.path.join(home, "nabla", "history"), encoding="utf-8") as file:
        expect(file.read() == "print 111\nprint 222\n")
    terminal = begin(program, home=home)
    terminal.send("\x1b[A\x1b[A\r")
    expect("111\n" in terminal.wait())
    other = begin(program, home=home)
    other.ask("print 333")
    expect(other.end() == 0 and terminal.end() == 0)
    with open(os.path.join(home, "nabla", "history"), encoding="utf-8") as file:
        expect(file.read() == "print 111\nprint 222\nprint 333\nprint 111\n")


def history_without_a_place(program):
    terminal = begin(program, home="/proc/nowhere")
    expect(terminal.ask("print 1") == "1\n")
    expect(terminal.end() == 0)


def enter_repeats_step(program):
    terminal = begin(program)
    terminal.ask(EXERCISE)
    expect("z1" in terminal.ask("step"))
    expect("a1" in terminal.ask(""))
    terminal.ask("print lr")
    expect("z2" in terminal.ask(""))
    terminal.ask("unstep")
    terminal.ask("")
    expect(terminal.ask("print z1") == "[0.585, 0.59]\n")
    expect("error" in terminal.ask("print z2"))


def enter_repeats_a_line(program):
    terminal = begin(program)
    terminal.ask(EXERCISE)
    terminal.ask("s;s")
    terminal.ask("")
    expect("operation 5 of 15" in terminal.ask("where"))
    expect(terminal.end() == 0)


def enter_repeats_continue(program):
    terminal = begin(program)
    terminal.ask(EXERCISE)
    terminal.ask("break delta1")
    expect("Breakpoint 1, delta1, operation 11 of 15, iteration 1" in terminal.ask("c"))
    terminal.ask("print lr")
    expect("Breakpoint 1, delta1, operation 11 of 15, iteration 2" in terminal.ask(""))
    expect("Breakpoint 1, delta1, operation 11 of 15, iteration 3" in terminal.ask(""))
    expect(terminal.end() == 0)


def ctrl_c_ends_continue(program):
    terminal = begin(program)
    terminal.ask(EXERCISE)
    terminal.ask("break if loss > 100")
    terminal.send("continue\r")
    time.sleep(0.5)
    terminal.send("\x03")
    expect("interrupted before operation" in terminal.wait())
    expect("operation" in terminal.ask("where"))
    expect(terminal.end() == 0)


def enter_alone(program):
    terminal = begin(program)
    expect(terminal.ask("") == "")


def prompt_afterwards(program):
    terminal = begin(program, "-i", "-c", "a = 4")
    expect(terminal.ask("print a") == "4\n")
    expect(terminal.end() == 0)


def width(program):
    terminal = Terminal(program, size=(24, 60))
    path = os.path.join(terminal.home, "wide.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write("many words in a row " * 30 + "\n")
    terminal.wait()
    terminal.send(f"lesson {path}\r")
    lines = terminal.wait("That was the lesson").split("\n")[1:]
    expect(len(lines) > 9 and max(len(line) for line in lines) in range(50, 61), lines)


def pages(program):
    terminal = begin(program, size=(12, 80))
    expect("-- more --" not in terminal.ask("for_one = 1; help"))
    terminal.ask("set pager on")
    expect(terminal.ask("print 1") == "1\n")
    terminal.send("print " + ", ".join(map(str, range(30))) + "\r")
    first = terminal.wait("-- more --").split("\n")[1:]
    expect(first == [str(n) for n in range(11)] + [""], first)
    terminal.send("x ")  # x means nothing
    second = terminal.wait("-- more --").split()
    expect(second == [str(n) for n in range(11, 22)], second)
    terminal.send("\r")
    third = terminal.wait().split()
    expect(third == [str(n) for n in range(22, 30)], third)
    expect(terminal.ask("set pager off").count("more") == 0)
    expect(terminal.end() == 0)


def pages_stop(program):
    terminal = begin(program, size=(12, 40))
    terminal.ask("set pager on; a = 0")
    for key in "q", "\x03", "\x04":
        terminal.send("print rand(1, 200); b = 1\r")
        terminal.wait("-- more --")
        terminal.send(key)
        expect("0." not in terminal.wait(), key)
        expect(terminal.ask("print 7") == "7\n", key)
    terminal.send("\x04")
    expect(terminal.close() == 0)


if __name__ == "__main__":
    main([greeting, quiet, answers, all_breaks_are_asked_for, dumb_terminal, color, pictures, ascii_locale,
          errors_go_on, open_bracket, pasted_lines, pasted_bracket, ctrl_c_drops_the_line, history_is_kept, history_without_a_place, enter_repeats_step,
          enter_repeats_a_line, enter_repeats_continue, ctrl_c_ends_continue, enter_alone, prompt_afterwards, width,
          pages, pages_stop])
