# SPDX-License-Identifier: GPL-3.0-or-later
"""What Tab makes of a beginning."""
import os

from terminal import PROMPT, Terminal, begin, expect, main

# what is typed, what it becomes with one Tab
UNIQUE = [
    ("forw", "forward "),
    ("gradc", "gradcheck "),
    ("net 3-2-2 sig", "net 3-2-2 sigmoid "),
    ("net 3-2-2 init=zer", "net 3-2-2 init=zeros"),
    ("net 3-2-2 prec", "net 3-2-2 precision="),
    ("net 784 - 64 batch", "net 784 - 64 batchnorm "),
    ("net 784 - 64 relu drop", "net 784 - 64 relu dropout("),
    ("explain upd", "explain update "),
    ("data cifar10-m", "data cifar10-mini "),
    ("train epo", "train epochs="),
    ("set dig", "set digits "),
    ("print w2", "print w2["),
    ("print delt", "print delta"),
    ("explain dw1", "explain dw1["),
    ("explain dw1 as lat", "explain dw1 as latex "),
    ("help gradc", "help gradcheck "),
    ("break del", "break delta"),
    ("break na", "break nan "),
    ("break if sigm", "break if sigmoid("),
    ("break delta1 if my_ow", "break delta1 if my_own"),
    ("info dis", "info display "),
    ("displ", "display "),
    ("display tan", "display tanh("),
    ("predict 1:2 val", "predict 1:2 validation "),
    ("confu", "confusion "),
    ("print my_ow", "print my_own"),
]


def completes(program):
    terminal = begin(program)
    terminal.ask("net 3-2-2 sigmoid; my_own = 1")
    for typed, wanted in UNIQUE:
        terminal.send(typed + "\t")
        terminal.wait(wanted[len(typed):])
        terminal.send("\x15")
    expect(terminal.end() == 0)


def lists_several(program):
    terminal = begin(program)
    terminal.send("un\t\t")
    shown = terminal.wait("un")
    for word in ("undo", "unstep", "until"):
        if word not in shown:
            shown += terminal.wait(word) + word
    terminal.send("\x15")
    expect(terminal.end() == 0)


def lists_quantities_only(program):
    terminal = begin(program)
    terminal.ask("net 3-2-2 sigmoid")
    for command in "until", "explain", "gradcheck", "watch":
        terminal.send(f"{command} \t\t")
        shown = terminal.wait(PROMPT)
        expect("delta1" in shown and "sigmoid(" not in shown, command, shown)
        terminal.send("\x15")
    expect(terminal.end() == 0)


def files(program):
    terminal = Terminal(program)
    name = os.path.join(terminal.home, "a-lesson-of-mine.md")
    with open(name, "w", encoding="utf-8") as file:
        file.write("# Mine\n")
    terminal.wait()
    terminal.send("lesson " + name[:-8] + "\t")
    terminal.wait("of-mine.md")
    terminal.send("\r")
    terminal.wait("That was the lesson")


def nothing_fits(program):
    terminal = begin(program)
    terminal.send("zzzz\t")
    terminal.wait("zzzz")
    terminal.send("\x15")
    expect(terminal.ask("print 3") == "3\n")


if __name__ == "__main__":
    main([completes, lists_several, lists_quantities_only, files, nothing_fits])
