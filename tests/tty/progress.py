#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""progress.py NABLA: the bar of a run at a terminal, within its width, and which run of a sweep it is."""
import os
import re
import sys
import time

from terminal import begin, expect, main, screen

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "transcript"))
from fetch import ARCHIVE, JUNK, Server  # noqa: E402

SETUP = "data circle n=20000; net 2-40-40-1 tanh sigmoid"
BAR = re.compile(r"\r((?:run \d+/\d+ )?epoch \d+/\d+ (━*─*)  loss \S+  ETA [\d:]+)\x1b\[K")


def drawn(program, line, width=80):
    """Every bar that was drawn, the seconds it took, and the screen in the end."""
    terminal = begin(program, size=(24, width))
    terminal.ask(SETUP)
    start = time.monotonic()
    terminal.send(line + "\r")
    terminal.wait()
    took = time.monotonic() - start
    raw = terminal.child.before
    expect(terminal.end() == 0)
    return BAR.findall(raw), took, screen(raw, width)


def bar(program):
    for width in 80, 56:
        bars, took, shown = drawn(program, "train epochs=30", width)
        expect(bars, shown)
        expect(len(bars) <= 10 * took + 1, len(bars), took)
        expect(all(len(text) < width for text, _ in bars), bars)
        expect(all(len(part) == min(30, width - len(text) + len(part) - 1) for text, part in bars), bars)
        titles = [line for line in shown if "train loss" in line]
        expect(titles == ["  epoch        lr   train loss   accuracy   seconds   samples/s"[:len(titles[0])]], shown)
        rows = [line for line in shown if re.match(r" +\d+ +0\.1 +0\.\d", line)]
        expect([int(row.split()[0]) for row in rows] == [1, *range(2, 31, 2)], shown)
        expect(not any("ETA" in line for line in shown), shown)


def fills(program):
    """The bar is the run's, as its ETA is: it grows from epoch to epoch."""
    bars, _, _ = drawn(program, "train epochs=30")
    parts = [len(part.rstrip("─")) for _, part in bars]
    expect(parts == sorted(parts), parts)
    expect(parts[-1] >= 15, parts)


def may_end(program):
    """Where a condition ends the run the time left is the most there can be."""
    terminal = begin(program)
    terminal.ask(SETUP)
    terminal.ask('train epochs=1000 until="epoch == 12"')
    raw = terminal.child.before
    expect(re.search(r"\repoch \d+/1000 [━─]+  loss \S+  ETA at most [\d:]+\x1b\[K", raw), raw)
    expect(terminal.end() == 0)


def quiet(program):
    bars, _, shown = drawn(program, "train epochs=20 quiet")
    expect(not bars, bars)
    expect(any("trained 20 epochs" in line for line in shown), shown)


def sweep(program):
    bars, _, shown = drawn(program, "sweep lr=0.1,0.2,0.4 epochs=15")
    expect([text for text, _ in bars if text.startswith("run 2/3 epoch ")], bars, shown)
    expect(all(text.startswith("run ") for text, _ in bars), bars)
    expect(any("lr=0.4" in line and "finished" in line for line in shown), shown)
    bars, _, _ = drawn(program, "sweep lr=0.1 epochs=3; train epochs=20")
    expect(bars[-1][0].startswith("epoch "), bars)


def fetching(program):
    """The bar of a download: bytes, and when they will all be there."""
    with Server({ARCHIVE: JUNK * 20}, pause=0.005) as server:
        terminal = begin(program, no_proxy="*")
        start = time.monotonic()
        terminal.send(f"data fetch cifar10 from={server.url}\r")
        shown = terminal.wait()
        took = time.monotonic() - start
    if "without libcurl" in shown:
        return
    bars = re.findall(r"\r(cifar-10-binary\.tar\.gz ━*─*  (\d+\.\d)/10\.2 MB(?:  ETA \d+:\d\d)?)\x1b\[K",
                      terminal.child.before)
    expect(len(bars) >= 3 and any("ETA" in text for text, _ in bars), bars, terminal.child.before)
    expect(len(bars) <= 10 * took + 1, len(bars), took)
    expect([float(size) for _, size in bars] == sorted(float(size) for _, size in bars), bars)
    expect("not the published file" in shown, shown)
    expect(terminal.end() == 0)


if __name__ == "__main__":
    main([bar, fills, may_end, quiet, sweep, fetching])
