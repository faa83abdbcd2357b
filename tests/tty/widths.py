#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""widths.py NABLA: no line is wider than the terminal, and files have theirs unbroken."""
import os
import re
import subprocess
import sys
import tempfile

from terminal import begin, environment, expect, main

NET = ("net 3-2-2 sigmoid; w1 = [[.15,.2],[.25,.3],[.35,.4]]; b1 = [.35,.3]; "
       "w2 = [[.4,.45],[.5,.55]]; b2 = [.6,.65]; x = [.5,.5,.1]; y = [.9,.1]; lr = 0.1")
DEEP = "net 2-10-10-10-10-10-10-10-10-1 sigmoid loss=binary-cross-entropy"
MISTAKE = "set l2 0.1; forward quiet; backward quiet; check update w1[1,1]=0.149514"


def widest(text):
    return max(len(line) for line in text.split("\n"))


def without_bar(text):
    return re.sub("epoch [0-9]+/[0-9]+ .*ETA [0-9:]+", "", text)


def narrow(program):
    """Lines in their own words, and each within the width."""
    for width in 80, 60:
        terminal = begin(program, size=(50, width))
        for line, words in [
                (DEEP, "parameters"),
                ("data mnist-mini; net 784-30-10 sigmoid loss=cross-entropy", "784-30-10"),
                ("scale standard", "training part"),
                ("sample 1:21", "reset goes back to the data set's own order"),
                ("train epochs=1 batch=100 quiet", "trained 1 epoch"),
                ("train epochs=1 batch=100 optimizer=adam l2=0.001 schedule=cosine", "Training on 5,000"),
                ("runs columns=run,name,loss", "Exp. 1"),
                (NET, "3-2-2"),
                ("forward quiet; backward quiet; explain dw1[1,1]",
                 "Test: nudge w¹₁₁ by h = 0.0001 both ways and run forward again"),
                ("explain dw1[j,k]", "the same for every m"),
                ("explain w1", "One of them worked out: explain w1[1,1]"),
                (MISTAKE, "mistake: missing-regularization — "),
                ("net 3-2-2 frob", "one of linear, sigmoid, tanh, lecun, relu, leakyrelu or softmax")]:
            shown = terminal.ask(line)
            expect(" ".join(words.split()) in " ".join(shown.split()), line, shown)
            expect(widest(without_bar(shown).split("\nvalue ")[0]) <= width, width, shown)
        expect(terminal.end() in (0, 1))


def table(program):
    """What the terminal has no room for: said, and there when it is asked for."""
    terminal = begin(program)
    terminal.ask("data xor; net 2-4-1 sigmoid loss=mse; train lr=0.1 epochs=2 l2=1e-7 quiet")
    terminal.ask('train lr=1 epochs=3 l2=1e-6 name="names that are long take more room" quiet')
    shown = terminal.ask("runs")
    expect("left out: " in shown and widest(shown) <= 80, shown)
    titles = shown.split("\n")[0].split()
    expect({"run", "name", "loss", "status"} <= set(titles), titles)
    for column in "seconds", "-accuracy":
        titles = terminal.ask(f"runs sort={column}").split("\n")[0].split()
        expect(column.lstrip("-") in titles, titles)
    asked = terminal.ask("runs columns=run,network,lr,epochs,loss,seconds,status")
    expect("network" in asked and "left out" not in asked, asked)
    terminal.end()


def epochs(program):
    """The table of a run leaves out what there is no room for, and says so."""
    for width, missing in [(80, ""), (68, "seconds, samples/s"), (50, "lr, seconds, samples/s"),
                           (40, "lr, train accuracy, seconds, samples/s")]:
        terminal = begin(program, size=(50, width))
        terminal.ask("data mnist-mini; split 4000 1000; net 784-4-10")
        shown = without_bar(terminal.ask("train epochs=2 batch=500"))
        expect(widest(shown) <= width, width, shown)
        expect((f"left out: {missing} epoch" in " ".join(shown.split())) == bool(missing), width, shown)
        titles = next(line for line in shown.split("\n") if line.startswith("  epoch "))
        expect("val loss" in titles and ("samples/s" in titles) == (width == 80), titles)
        expect(terminal.end() == 0)


def notes(program):
    """What a command says in passing is broken between words."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "a-name-that-is-rather-long-as-the-names-of-are.safetensors")
        terminal = begin(program)
        for line, words in [
                ("data mnist-mini; net 784-10-10 sigmoid softmax", "784-10-10"),
                ("break if loss > 0; train epochs=2 batch=1000 quiet", "train resume goes on"),
                (f"save {name}", "saved 784-10-10 sigmoid softmax to"),
                (f"load {name}", "iteration 1"),
                ("freeze w1, b1, w2, b2", "frozen: "),
                ("net 3-2-2; x = [.5,.5,.1]; y = [.9,.1]; net 4-2-1", "x is dropped: ")]:
            shown = terminal.ask(line)
            expect(words in " ".join(shown.split()), line, shown)
            expect(widest(without_bar(shown).replace(name, "")) <= 80, line, shown)
        terminal.end()


def sweeps(program):
    """Long names of a sweep's runs stand above their numbers."""
    terminal = begin(program)
    terminal.ask("data mnist-mini; net 784-2-10 sigmoid softmax")
    for seeds in "", " seeds=1..2":
        shown = terminal.ask("sweep lr=0.1,0.2 optimizer=sgd,adam epochs=1 batch=1000 validate=test" + seeds)
        lines = [line for line in without_bar(shown).split("\n") if line.strip()]
        expect(max(len(line.rsplit("\r", 1)[-1]) for line in lines) <= 80, shown)
        expect("finished" in shown and "lr=0.2 optimizer=adam" in shown, shown)
    terminal.end()


def lessons(program):
    """What was done of a lesson stays whole, below its name if need be."""
    for width in 100, 80, 60:
        terminal = begin(program, size=(50, width))
        terminal.ask("lesson 1")
        terminal.ask("leave")  # in the first section
        shown = terminal.ask("lessons")
        lines = [line for line in shown.split("\n") if re.search(r"1 of \d+, 0 of \d+ points", line)]
        expect(len(lines) == 1 and widest(shown) <= width, shown)
        expect(("01-pen-and-paper" in lines[0]) == (width == 100), lines)
        expect(terminal.end() == 0)


def predictions(program):
    """The first rows of many, unless they are asked for."""
    terminal = begin(program)
    terminal.ask("data mnist-mini; net 784-2-10 sigmoid softmax")
    shown = terminal.ask("predict")
    expect(" ".join(shown.split()).count("… 980 more: predict 1:1000 shows all") == 1, shown)
    expect(len(shown.split("\n")) < 30 and " of 1,000 right" in shown, shown)
    expect("predict 1:5000 train shows all" in " ".join(terminal.ask("predict train").split()))
    expect("more:" not in terminal.ask("predict 1:30"))
    expect("more:" not in terminal.ask("net 2-2-1 tanh; x = [1, 0; 0, 1]; predict"))
    terminal.end()
    done = subprocess.run([program], input="data mnist-mini; net 784-2-10 sigmoid softmax; predict\n",
                          env=environment(), encoding="utf-8", capture_output=True, timeout=60, check=False)
    expect(len(done.stdout.split("\n")) > 1000, done.stdout[-200:])


def piped(program):
    """A line each for those who read them."""
    done = subprocess.run([program], input=f"{NET}; {MISTAKE}\n", env=environment(), encoding="utf-8",
                          capture_output=True, timeout=60, check=False)
    lines = [line for line in done.stdout.split("\n") if line.startswith("mistake: ")]
    expect(lines and lines[0].endswith("λ·w¹₁₁"), done.stdout)


def limited(program):
    """Files of limited size: an error, and nothing left behind."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["sh", "-c", f"ulimit -f 2; exec '{os.path.abspath(program)}'"],
                              input="net 30-40-2; save lim.npz\n", env=environment(), cwd=folder,
                              encoding="utf-8", capture_output=True, timeout=60, check=False)
        expect(done.returncode == 4 and "cannot write lim.npz: File too large" in done.stderr, done)
        expect(not os.listdir(folder), os.listdir(folder))


if __name__ == "__main__":
    main([narrow, table, epochs, notes, sweeps, lessons, predictions, piped, limited])
