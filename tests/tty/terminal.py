# SPDX-License-Identifier: GPL-3.0-or-later
"""The program at a real pseudo-terminal."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from program import Tally, environment, folder, run  # noqa: E402

try:
    import pexpect
except ImportError:
    print("skipped: python3-pexpect is missing")
    sys.exit(77)
try:
    for end in os.openpty():
        os.close(end)
except OSError as error:
    print(f"skipped: no pseudo-terminal: {error}")
    sys.exit(77)

PROMPT = "∇ "
# Readline reads keys now: what a lesson shows behind a prompt of its own is no such place.
READY = re.compile(r"\x1b\[\?2004h[^\n]*?" + PROMPT)
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[=>])|\r|\x07")


# What a line of output may hold beside what is seen: colours, erasing to the line's end.
PIECES = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[=>]|\x07|(.)", re.DOTALL)


def screen(raw, width=80):
    """The lines that a terminal of that width shows in the end, where it began with an empty one."""
    lines, column = [[]], 0
    for piece in PIECES.finditer(raw):
        character = piece[3]
        if piece[2] == "K":
            del lines[-1][column:]
        elif character == "\r":
            column = 0
        elif character == "\n":
            lines.append([])
        elif character:
            if column == width:
                lines.append([])
                column = 0
            lines[-1] += [" "] * (column - len(lines[-1]))
            lines[-1][column:column + 1] = character
            column += 1
    return ["".join(line).rstrip() for line in lines]


class Terminal:
    """A session; `ask` types a line and gives what it printed."""

    def __init__(self, program, *arguments, timeout=20, term="xterm", size=(24, 80), **more):
        self.home = more.pop("home", None) or folder()
        env = environment(HOME=self.home, XDG_STATE_HOME=self.home, TERM=term, **more)
        env.pop("INPUTRC", None)
        self.smart = term != "dumb"
        self.child = pexpect.spawn(program, list(arguments), env=env, encoding="utf-8", timeout=timeout,
                                   dimensions=size, codec_errors="replace")
        self.child.delaybeforesend = 0.02

    def wait(self, text=None):
        """Everything up to `text`, else up to where a line can be typed, without escapes."""
        if text is None and self.smart:
            self.child.expect(READY)
        else:
            self.child.expect_exact(text or PROMPT)
        return ESCAPES.sub("", self.child.before)

    def send(self, text):
        self.child.send(text)

    def ask(self, line):
        """Types a line at the prompt; what follows its echo, up to the next prompt."""
        self.send(line + "\r")
        shown = self.wait()
        return shown.split("\n", 1)[1] if "\n" in shown else shown

    def end(self):
        """Ctrl-D; the exit status, or -signal."""
        self.send("\x04")
        return self.close()

    def close(self):
        self.child.expect(pexpect.EOF)
        self.child.close()
        return -self.child.signalstatus if self.child.signalstatus else self.child.exitstatus


def begin(program, *arguments, **more):
    terminal = Terminal(program, *arguments, **more)
    terminal.wait()
    return terminal


def expect(condition, *seen):
    if not condition:
        raise AssertionError(" | ".join(repr(s) for s in seen))


def main(tests):
    """Runs the functions, each with the path of the program."""
    tally = Tally()
    for test in tests:
        problem = None
        try:
            test(sys.argv[1])
        except AssertionError as error:
            problem = f"found {error}"
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            problem = str(error)
        tally.check(test.__name__, problem)
    sys.exit(tally.done())
