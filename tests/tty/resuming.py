#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""resuming.py NABLA: Ctrl-C at the prompt ends a run after its batch, train resume goes on
to the same bits, with the run's own weights where the best ones were brought back."""
import os
import re
import sys
import time

from terminal import Tally, Terminal

SETUP = ["data circle n=4000", "split 0.8 0.2",
         "net 2 - 24 batchnorm relu dropout(0.2) - 16 tanh - 1 sigmoid loss=binary-cross-entropy precision=single",
         "set digits 17"]
TRAIN = "train epochs=400 optimizer=adam lr=0.01 schedule=cosine per=step patience=500 batch=32 quiet"
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
CUTS = 3


def settle(session):
    """A Ctrl-C that came after the run's end has a prompt of its own: reads up to the last."""
    answer = session.ask("print 271828")
    while not re.search("^271828$", answer, re.MULTILINE):
        answer = session.wait()


def trained(nabla, cuts):
    """The weights in the end, how often it was cut, what train resume said then, the exit status."""
    session = Terminal(nabla, timeout=60)
    session.wait()
    for line in SETUP:
        session.ask(line)
    session.send(TRAIN + "\r")
    times = 0
    while times < cuts:
        time.sleep(0.3)
        session.send("\x03")
        if "interrupted in epoch" not in session.wait():
            break
        times += 1
        session.send("train resume\r")
    else:
        session.wait()
    settle(session)
    weights = [NUMBER.findall(session.ask("print " + name)) for name in ("w1", "w2", "w3", "rmean1", "rvar1")]
    again = session.ask("train resume")
    return weights, times, again, session.end()


def main(nabla):
    tally = Tally()
    whole, _, finished, status = trained(nabla, 0)
    pieces, times, _, _ = trained(nabla, CUTS)
    tally.check("whole", None if status == 0 and all(whole) else (status, whole))
    tally.check("finished", None if "nothing to go on with" in finished else finished)
    tally.check("cuts", None if times else "the run was never cut")
    tally.check("bits", None if pieces == whole else (whole, pieces))
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
