# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program under test, away from the home and the settings of whoever tests."""
import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile

SANITIZER_EXIT = 99  # no exit status of nabla
_folders = tempfile.mkdtemp(prefix="nabla-test-")
# a program that a failed test has left behind may still write there
atexit.register(shutil.rmtree, _folders, ignore_errors=True)
# meson ends a test that takes too long by this signal; the folders go then, too
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def folder():
    """A new folder, which goes when the tests end."""
    return tempfile.mkdtemp(dir=_folders)


_home = folder()


def environment(**more):
    """A fixed locale, an empty home, sanitizers that end the program."""
    keep = {k: v for k, v in os.environ.items()
            if not k.startswith(("LC_", "XDG_", "NABLA_")) and k not in ("LANG", "LANGUAGE", "NO_COLOR", "COLUMNS")}
    sanitizers = {k: os.environ.get(k, "") + f":exitcode={SANITIZER_EXIT}" for k in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
    return {**keep, **sanitizers, "HOME": _home, "XDG_STATE_HOME": _home, "LC_ALL": "C.UTF-8",
            "TERM": "dumb", **more}


class Result:
    """What a run left behind: status, out, err (text; bytes that are no UTF-8 are escaped)."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out.decode("utf-8", "backslashreplace")
        self.err = err.decode("utf-8", "backslashreplace")

    def crash(self):
        """Why this is no way to end, or None."""
        if self.status < 0:
            return f"killed by signal {-self.status}"
        if self.status == SANITIZER_EXIT or "runtime error:" in self.err or "Sanitizer" in self.err:
            return "the sanitizer found an error"
        return None


def run(program, *arguments, stdin=b"", cwd=None, timeout=60, **more):
    """One run to its end.  bytes or text as arguments and input."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    done = subprocess.run([program, *arguments], input=stdin, capture_output=True, cwd=cwd, timeout=timeout,
                          env=environment(**more))
    return Result(done.returncode, done.stdout, done.stderr)


EXERCISE = ("net 3-2-2 sigmoid; w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]; w2 = [[.4,.45],[.5,.55]];"
            " b2 = [.6,.65]; input 0.5 0.5 0.1; target 0.9 0.1; lr = 0.1")


class Tally:
    """Counts and names what failed; `done` prints the total and gives the exit status."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problem):
        if problem:
            self.failed += 1
            print(f"FAILED {name}\n    " + str(problem).replace("\n", "\n    "))
        else:
            self.passed += 1

    def done(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
