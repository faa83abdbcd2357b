#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""resume.py NABLA: runs that are cut short go on from their checkpoint to the same bits.

A run of its own, never cut, says what the weights are in the end.  The same run is killed
at random moments (a fixed seed), again and again, each time to be gone on with by a new
process.  Then what can go wrong with the files.
"""
import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

KILLS = 6
SHOW = "; set digits 17; "
# data, its view (which comes back by itself), network, options of train, what is compared
RUNS = {
    "single": ("data circle n=4000", "limit 3900; split 0.8 0.2; scale standard; split 0.7 0.3",
               "net 2 - 24 batchnorm relu dropout(0.2) - 16 tanh - 1 sigmoid loss=binary-cross-entropy"
               " precision=single",
               "epochs=250 optimizer=adam lr=0.01 schedule=cosine per=step l2=1e-4 patience=400 batch=32 clip=1",
               "w1 b1 gamma1 beta1 w2 b2 w3 b3"),
    "double": ("data spiral n=900 noise=0.03 seed=5", "split 800 100; limit 700; scale mean", "net 2-32-16-1 tanh sigmoid; freeze b1",
               "epochs=700 optimizer=nesterov lr=0.02 schedule=exp(0.001) batch=50", "w1 b1 w2 b2 w3 b3"),
    "rows": ("x = [[0,0],[0,1],[1,0],[1,1]]; y = [[0],[1],[1],[0]]", "lr = 0.2", "net 2-6-1 tanh sigmoid",
             "epochs=150000 optimizer=rmsprop lr=0.0001 until=\"loss < 1e-9\"", "w1 b1 w2 b2"),
}


def shows(names):
    return SHOW + "; ".join(f"print {name}" for name in names.split())


def weights(out, names):
    """The lines printed last, one a name."""
    return out.splitlines()[-len(names.split()):]


def cut(nabla, commands, folder, how, seconds):
    """Runs `commands` for so long; whether it had to be cut."""
    process = subprocess.Popen([nabla, "-c", commands], cwd=folder, env=program.environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(how)
        process.wait()
        return True


def log_rows(folder, name):
    """What a log has of each epoch but its seconds."""
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return [line.split(",")[:-1] for line in file]


def check_run(tally, nabla, name, how, seed):
    data, view, net, options, names = RUNS[name]
    label = f"{name} {how.name}"
    with tempfile.TemporaryDirectory(prefix="nabla-resume-") as folder:
        start = time.monotonic()
        whole = program.run(nabla, "-c", f"{data}; {view}; {net}; train {options} log=whole.csv quiet" + shows(names),
                            cwd=folder)
        length = time.monotonic() - start
        tally.check(label + " whole", whole.crash() or (whole.status and whole.err))
        begin = f"{data}; {view}; {net}; train {options} checkpoint=run.safetensors log=run.csv quiet"
        go_on = f"{data}; load run.safetensors; train resume"
        chance, cuts = random.Random(seed), 0
        for _ in range(KILLS):
            there = os.path.exists(os.path.join(folder, "run.safetensors"))
            cuts += cut(nabla, go_on if there else begin, folder, how, length * chance.uniform(0.08, 0.3))
        tally.check(label + " cuts", None if cuts else "the run was never cut")
        there = os.path.exists(os.path.join(folder, "run.safetensors"))
        done = program.run(nabla, "-c", (go_on if there else begin) + shows(names), cwd=folder)
        tally.check(label + " end", done.crash() or (done.status and done.err))
        same = weights(done.out, names) == weights(whole.out, names)
        tally.check(label + " bits", None if same else f"{weights(whole.out, names)}\n{weights(done.out, names)}")
        again = program.run(nabla, "-c", go_on, cwd=folder)
        tally.check(label + " finished", again.crash() or (
            None if again.status == 0 and "nothing to go on with" in again.out else again.out + again.err))
        same = log_rows(folder, "run.csv") == log_rows(folder, "whole.csv")
        tally.check(label + " log", None if same else [row[:2] for row in log_rows(folder, "run.csv")])
        left = [f for f in os.listdir(folder) if f not in ("run.safetensors", "run.csv", "whole.csv") and how != signal.SIGKILL]
        tally.check(label + " files", left)


def says(result, status, pattern):
    """Why this is another result, or None."""
    if result.crash():
        return result.crash()
    if result.status != status or not re.search(pattern, result.out + result.err):
        return f"status {result.status}, expected {status} and {pattern}\n{result.out}{result.err}"
    return None


# What comes first, what fails, its status, what is said.  {old} is a whole file of its own.
NET = "data xor; net 2-4-1 tanh sigmoid"
FAILURES = [
    (NET, "train resume", 3, "no run to go on with"),
    (NET, "train epochs=2 quiet; train resume", 0, "nothing to go on with"),
    (NET, "train resume epochs=3", 2, "leave the others out"),
    (NET, "train checkpoint=run.pt", 2, r"a checkpoint is a FILE\.safetensors: name it so, found run.pt"),
    (NET, "train checkpoint=none/run.safetensors", 4, "cannot write none/run.safetensors"),
    (NET, "save none/net.safetensors", 4, "cannot write none/net.safetensors"),
    (NET, "save net.pt", 2, r"FILE\.safetensors, or FILE\.npz for the weights alone, found net.pt"),
    (NET, "save full.safetensors", 4, "cannot write /dev/full: No space left"),
    (NET, "train epochs=2 checkpoint=full.safetensors", 4, "cannot write /dev/full: No space left"),
    (NET, "load none.safetensors", 4, "cannot open none.safetensors"),
    (NET, "load text.safetensors", 4, "no safetensors file"),
    (NET, "load cut.safetensors", 4, "damaged"),
    (NET, "load .safetensors", 2, "the kind of file"),
    (NET, "load none.npz", 4, "cannot open none.npz"),
    (NET, "load text.npz", 4, "text.npz: .*expected .npz"),
    (NET, "save full.npz", 4, "cannot write /dev/full: No space left"),
    (NET, "save net.npz; net 2-5-1; load net.npz", 3, "w1 of net.npz is not 2×5"),
    (NET, "save net.npz; net 2-4-1-1; load net.npz", 3, "w2 of net.npz|no array w3"),
    ("lr = 0.1", "load net.npz", 3, "type net"),
    ("data xor", "load old.safetensors; train resume", 0, "finished after 3 epochs"),
    ("data xor", "load open.safetensors; w1[1,1] = 2; train resume", 3, "changed since"),
    ("data xor", "load open.safetensors; net 2-4-1 tanh sigmoid seed=9; train resume", 3, "the network is another"),
    ("data linear", "load open.safetensors; train resume", 3,
     "these are not the rows that Exp. 1 trains on: type data xor, then train resume"),
    ("lr = 0.1", "load open.safetensors; train resume", 3,
     "no data set is loaded, which Exp. 1 trains on: type data xor, then train resume"),
    ("data mnist-mini", "load open.safetensors; train resume", 3, "trains on: type data xor, then"),
    ("data linear", "load table.safetensors; train resume", 3, 'type data csv "my table.csv" target=y, then train'),
    ('data csv "my table.csv" target=y', "load table.safetensors; train resume", 3, "its files were changed since"),
    ("data circle n=30", "load circle.safetensors", 0,
     "Exp. 1 stands in epoch .*: type data circle n=30 noise=0.1 seed=7, then train resume"),
    ("seed = 1", "load circle.safetensors", 0, ": type data circle n=30 noise=0.1 seed=7, then train resume"),
    ("data circle n=30 noise=0.1 seed=7", "load circle.safetensors", 0, "after batch .*: train resume goes on"),
    ("seed = 1", "load given.safetensors", 0, "with its x and y, train resume goes on"),
    ("x = [1, 2]; y = 1", "load given.safetensors; train resume", 3, "it had x and y, give the same"),
    ("data xor", "load given.safetensors; train resume", 3, "Exp. 1 trains on x and y, and data xor is loaded"),
]
# Runs that are interrupted before: data and network.
OPEN = {
    "open": NET,
    "circle": "data circle n=30 noise=0.1 seed=7; split 0.8 0.2; net 2-4-1 tanh sigmoid",
    "table": 'data csv "my table.csv" target=y; limit 3; net 1-3-1 tanh sigmoid',
    "given": "net 2-3-1; x = [1, 0]; y = 0.5",
}


def interrupted(nabla, folder, name):
    """The checkpoint of a run that was interrupted."""
    for seconds in (0.5, 1, 2, 4):
        cut(nabla, f"{OPEN[name]}; train epochs=1000000000 checkpoint={name}.safetensors quiet", folder,
            signal.SIGINT, seconds)
        if os.path.exists(os.path.join(folder, f"{name}.safetensors")):
            return


def write_table(folder, numbers):
    with open(os.path.join(folder, "my table.csv"), "w", encoding="utf-8") as file:
        file.write("x,y\n" + "".join(f"{x},{x * x}\n" for x in numbers))


def check_failures(tally, nabla):
    with tempfile.TemporaryDirectory(prefix="nabla-resume-") as folder:
        os.symlink("/dev/full", os.path.join(folder, "full.safetensors"))
        os.symlink("/dev/full", os.path.join(folder, "full.npz"))
        for name in ("text.safetensors", "text.npz"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("net 3-2-2 sigmoid\n")
        program.run(nabla, "-c", f"{NET}; train epochs=3 checkpoint=old.safetensors", cwd=folder)
        with open(os.path.join(folder, "old.safetensors"), "rb") as file:
            old = file.read()
        with open(os.path.join(folder, "cut.safetensors"), "wb") as file:
            file.write(old[:-5])
        write_table(folder, (0.5, 1, 2, 3))
        for name in OPEN:
            interrupted(nabla, folder, name)
        write_table(folder, (0.5, 1.5, 2, 3))
        for first, commands, status, pattern in FAILURES:
            result = program.run(nabla, "-c", f"{first}; {commands}", cwd=folder)
            tally.check(commands, says(result, status, pattern))
        # a load that fails changes nothing, one that works can be undone
        kept = program.run(nabla, "-k", "-c", f"{NET}{SHOW} print w1\nload cut.safetensors\nprint w1\n"
                           "load old.safetensors\nprint w1\nundo\nprint w1\nredo\nprint w1", cwd=folder)
        lines = [line for line in kept.out.splitlines() if line.startswith("[[")]
        good = len(lines) == 5 and lines[0] == lines[1] == lines[3] != lines[2] == lines[4]
        tally.check("load and undo", kept.crash() or (None if good else kept.out + kept.err))


def check_folder(tally, nabla):
    """A folder that cannot be written to keeps the old file.  Root, who writes everywhere, becomes nobody."""
    nobody = {"user": 65534} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="nabla-resume-") as folder:
        path = os.path.join(folder, "net.safetensors")
        program.run(nabla, "-c", f"{NET}; save net.safetensors", cwd=folder)
        with open(path, "rb") as file:
            old = file.read()
        os.chmod(folder, 0o555)
        try:
            done = subprocess.run([nabla, "-c", f"{NET} seed=5; save net.safetensors"], cwd=folder, timeout=60,
                                  capture_output=True, env=program.environment(), **nobody)
        except PermissionError:  # the program itself stands where nobody may go
            return
        finally:
            os.chmod(folder, 0o755)
        result = program.Result(done.returncode, done.stdout, done.stderr)
        tally.check("read-only folder", says(result, 4, "cannot write net.safetensors"))
        with open(path, "rb") as file:
            tally.check("read-only folder, old file", None if file.read() == old else "it changed")


def arrays(path):
    """The arrays of a safetensors file by the format's own description: {name: (type, shape, numbers)}."""
    with open(path, "rb") as file:
        whole = file.read()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8:8 + length])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            form = {"F64": "d", "F32": "f"}[entry["dtype"]]
            numbers = whole[8 + length + start:8 + length + end]
            count = len(numbers) // struct.calcsize(form)
            found[name] = (form, entry["shape"], struct.unpack(f"<{count}{form}", numbers))
    return found


def check_layout(tally, nabla):
    """Another reader of the format finds the numbers of the exercise."""
    expected = {"w1": [[3, 2], (.15, .2, .25, .3, .35, .4)], "b1": [[1, 2], (.35, .3)],
                "w2": [[2, 2], (.4, .45, .5, .55)], "b2": [[1, 2], (.6, .65)]}
    with tempfile.TemporaryDirectory(prefix="nabla-resume-") as folder:
        program.run(nabla, "-c", program.EXERCISE + "; save net.safetensors", cwd=folder)
        found = arrays(os.path.join(folder, "net.safetensors"))
        wrong = {n: found.get(n) for n in expected if found.get(n) != ("d", *expected[n])}
        tally.check("layout", wrong or (None if len(found) == 4 else list(found)))


def check_arrays(tally, nabla):
    """numpy reads what save wrote as .npz, and load what numpy did."""
    try:
        import numpy
    except ImportError:
        return
    with tempfile.TemporaryDirectory(prefix="nabla-resume-") as folder:
        program.run(nabla, "-c", program.EXERCISE + "; save net.npz", cwd=folder)
        with numpy.load(os.path.join(folder, "net.npz")) as file:
            found = {name: file[name].tolist() for name in file}
        expected = {"w1": [[.15, .2], [.25, .3], [.35, .4]], "b1": [.35, .3], "w2": [[.4, .45], [.5, .55]],
                    "b2": [.6, .65]}
        tally.check("arrays written", None if found == expected else found)
        more = {name: 3 * numpy.array(numbers) for name, numbers in expected.items()}
        numpy.savez_compressed(os.path.join(folder, "three.npz"), **more)
        result = program.run(nabla, "-c", f"net 3-2-2 sigmoid; load three.npz{SHOW}print w1; print b2", cwd=folder)
        lines = [[float(n) for n in re.findall(r"[\d.]+", line)] for line in result.out.splitlines()[-2:]]
        good = lines == [more["w1"].ravel().tolist(), more["b2"].tolist()]
        tally.check("arrays read", result.crash() or (None if good else result.out + result.err))


def main(nabla):
    tally = program.Tally()
    nabla = os.path.abspath(nabla)
    for seed, name in enumerate(RUNS):
        for how in (signal.SIGKILL, signal.SIGINT):
            check_run(tally, nabla, name, how, seed)
    check_layout(tally, nabla)
    check_arrays(tally, nabla)
    check_failures(tally, nabla)
    check_folder(tally, nabla)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
