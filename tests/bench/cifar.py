#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cifar.py NABLA: the whole of CIFAR-10 to at least 42 % of the test set, under a minute."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

COMMANDS = """
data cifar10
net 3072-100-100-10 sigmoid softmax seed=1
train epochs=8 batch=32 lr=0.1
evaluate test
"""


def main(nabla):
    data = os.environ.get("NABLA_DATA")
    if not data:
        print("skipped: NABLA_DATA, the folder of the real data, is not set")
        return 77
    begin = time.monotonic()
    result = program.run(nabla, "-q", stdin=COMMANDS, timeout=300, NABLA_DATA=data)
    seconds = time.monotonic() - begin
    print(result.out, result.err, f"{seconds:.1f} s", sep="\n")
    last = re.fullmatch(r"loss (\S+) accuracy (\S+)", result.out.splitlines()[-1] if result.out else "")
    return 0 if result.status == 0 and last and float(last[2]) >= 0.42 and seconds < 60 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
