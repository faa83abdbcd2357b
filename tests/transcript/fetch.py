#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fetch.py NABLA yes|no: data fetch from servers that do and do not do what they should.

The second argument is whether the program was built with libcurl.  All servers are on this
machine.  Where $NABLA_DATA has MNIST, its files are served, and what arrives is loaded.
"""
import gzip
import http.server
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import program

ARCHIVE = "cifar-10-binary.tar.gz"
FIRST = "train-images-idx3-ubyte.gz"
MNIST = [FIRST, "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
JUNK = bytes(range(256)) * 2000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `files`; the attributes of the server say how."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        server, name = self.server, os.path.basename(self.path)
        wanted = re.match(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(wanted[1]) if wanted and server.ranges else 0
        server.seen.append((name, int(wanted[1]) if wanted else 0))
        if server.redirect and not self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", server.redirect + name)
            self.end_headers()
            return
        if name not in server.files:
            self.send_error(server.missing)
            return
        body = server.files[name]
        if start and start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if not server.endless:
            self.send_header("Content-Length", str(len(body) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        self.send(body[start:])

    def send(self, body):
        server = self.server
        if server.cut:
            body, server.cut = body[:server.cut], 0
        try:
            while server.endless:
                self.wfile.write(JUNK)
            for at in range(0, len(body), 65536):
                self.wfile.write(body[at:at + 65536])
                time.sleep(server.pause)
        except OSError:  # the other end has gone
            pass


class Server:
    """A server with its address, for a `with`."""

    def __init__(self, files, ranges=True, cut=0, pause=0.0, endless=False, missing=404, redirect=""):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        for name, value in dict(files=files, ranges=ranges, cut=cut, pause=pause, endless=endless,
                                missing=missing, redirect=redirect, seen=[]).items():
            setattr(self.server, name, value)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.seen = self.server.seen

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *arguments):
        self.server.shutdown()
        self.server.server_close()


def run(nabla, folder, commands, **more):
    return program.run(nabla, "-q", "-c", commands, NABLA_DATA=folder, no_proxy="*", **more)


def says(result, status, pattern):
    """Why this is another result, or None."""
    if result.crash():
        return result.crash()
    if result.status != status or not re.search(pattern, result.out + result.err):
        return f"status {result.status}, expected {status} and {pattern}\n{result.out}{result.err}"
    return None


def in_folder(tally, name, test, *arguments):
    with tempfile.TemporaryDirectory(prefix="nabla-fetch-") as folder:
        tally.check(name, test(folder, *arguments))


def size(folder, name):
    path = os.path.join(folder, name)
    return os.path.getsize(path) if os.path.exists(path) else None


# ---- What goes wrong ----

def wrong_sum(folder, nabla):
    with Server({ARCHIVE: JUNK}) as server:
        problem = says(run(nabla, folder, f"data fetch cifar10 from={server.url}"), 4,
                       "is not the published file and was not kept: its SHA-256 is [0-9a-f]{64}, expected c4a38c50a1bc5f3a")
    return problem or (os.listdir(folder) or None)


def no_gzip(folder, nabla):
    with Server({FIRST: JUNK}) as server:
        problem = says(run(nabla, folder, f"data fetch mnist from={server.url}/"), 4, f"{FIRST} is not the published .* it is no gzip")
    return problem or (os.listdir(os.path.join(folder, "mnist")) or None)


def damaged_gzip(folder, nabla):
    packed = bytearray(gzip.compress(JUNK))
    packed[-6] ^= 1
    with Server({FIRST: bytes(packed)}) as server:
        return says(run(nabla, folder, f"data fetch mnist from={server.url}"), 4, "is not the published .*damaged")


def missing(folder, nabla):
    for code, pattern in ((404, "the server answers 404, there is no such file"), (500, "the server answers 500")):
        with Server({}, missing=code) as server:
            problem = says(run(nabla, folder, f"data fetch mnist from={server.url}"), 4, f"cannot fetch {server.url}/{FIRST}: {pattern}")
        if problem or os.listdir(os.path.join(folder, "mnist")):
            return problem or os.listdir(os.path.join(folder, "mnist"))
    return None


def too_large(folder, nabla):
    with Server({FIRST: JUNK}, endless=True) as server:
        return says(run(nabla, folder, f"data fetch mnist from={server.url}"), 4, "is larger than 20000000 bytes: it is another file")


def cut(folder, nabla):
    """The part stays, and is gone on with: to the wrong sum, here, so that all begins once more."""
    name = ARCHIVE + ".part"
    with Server({ARCHIVE: JUNK}, cut=100000) as server:
        problem = says(run(nabla, folder, f"data fetch cifar10 from={server.url}"), 4, "was cut after 100000 bytes .*: the same again goes on from there")
        if problem or size(folder, name) != 100000:
            return problem or size(folder, name)
        problem = says(run(nabla, folder, f"data fetch cifar10 from={server.url}"), 4, "not the published file")
        expected = [(ARCHIVE, 0), (ARCHIVE, 100000), (ARCHIVE, 0)]
        return problem or (None if server.seen == expected else server.seen) or (os.listdir(folder) or None)


def no_ranges(folder, nabla):
    """A server that always begins anew, and one that finds too many bytes there."""
    for ranges, there in ((False, 1000), (True, len(JUNK) + 1)):
        with open(os.path.join(folder, ARCHIVE + ".part"), "wb") as file:
            file.write(JUNK[:1] * there)
        with Server({ARCHIVE: JUNK}, ranges=ranges) as server:
            problem = says(run(nabla, folder, f"data fetch cifar10 from={server.url}"), 4, "not the published file")
            if problem or len(server.seen) != 2 or server.seen[1][1] != 0:
                return problem or server.seen
    return None


def full_disk(folder, nabla):
    os.symlink("/dev/full", os.path.join(folder, ARCHIVE + ".part"))
    with Server({ARCHIVE: JUNK}) as server:
        return says(run(nabla, folder, f"data fetch cifar10 from={server.url}"), 4, f"cannot write .*{ARCHIVE}.part: No space left")


def read_only(folder, nabla):
    """Root, who writes everywhere, becomes nobody."""
    nobody = {"user": 65534} if os.geteuid() == 0 else {}
    os.chmod(folder, 0o555)
    with Server({ARCHIVE: JUNK}) as server:
        try:
            done = subprocess.run([nabla, "-c", f"data fetch cifar10 from={server.url}"], capture_output=True, timeout=60,
                                  env=program.environment(NABLA_DATA=folder, no_proxy="*"), **nobody)
        except PermissionError:  # the program itself stands where nobody may go
            return None
        finally:
            os.chmod(folder, 0o755)
    return says(program.Result(done.returncode, done.stdout, done.stderr), 4, "cannot write .*Permission denied")


def interrupted(folder, nabla):
    """Ctrl-C keeps what came."""
    with Server({ARCHIVE: JUNK * 20}, pause=0.05) as server:
        process = subprocess.Popen([nabla, "-c", f"data fetch cifar10 from={server.url}"], stderr=subprocess.PIPE,
                                   env=program.environment(NABLA_DATA=folder, no_proxy="*"))
        for _ in range(200):
            if (size(folder, ARCHIVE + ".part") or 0) > 0:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=30)[1].decode()
    kept = size(folder, ARCHIVE + ".part") or 0
    if process.returncode != 130 or "interrupted after" not in err or not 0 < kept < 20 * len(JUNK):
        return f"status {process.returncode}, {kept} bytes\n{err}"
    return None


FAULTS = [wrong_sum, no_gzip, damaged_gzip, missing, too_large, cut, no_ranges, full_disk, read_only, interrupted]


# ---- What goes well ----

def packed_mnist():
    """The four files, or None."""
    folder = os.environ.get("NABLA_DATA", "")
    for base in (folder, os.path.join(folder, "mnist")):
        paths = [os.path.join(base, name[:-3]) for name in MNIST]
        if folder and all(os.path.exists(path) for path in paths):
            files = {}
            for name, path in zip(MNIST, paths):
                with open(path, "rb") as file:
                    files[name] = gzip.compress(file.read(), 1, mtime=0)
            return files
    return None


LOADED = r"(?s)mnist is in \S+: data mnist loads it\nmnist\n  rows      train 60,000, test 10,000"


def whole(folder, nabla, files):
    """Through a redirect; then all is there already, and a damaged file comes anew."""
    with Server(files) as there, Server({}, redirect=there.url + "/moved/") as server:
        problem = says(run(nabla, folder, f"data fetch mnist from={server.url}; data mnist"), 0, LOADED)
        again = run(nabla, folder, f"data fetch mnist from={server.url}")
        problem = problem or says(again, 0, "is there already, SHA-256 as published")
        if problem or len(there.seen) != 4 or again.out.count("already") != 4:
            return problem or f"{there.seen}\n{again.out}"
        with open(os.path.join(folder, "mnist", MNIST[3]), "r+b") as file:
            file.write(b"damage")
        problem = says(run(nabla, folder, f"data fetch mnist from={server.url}; data mnist"), 0, LOADED)
        return problem or (None if [name for name, _ in there.seen[4:]] == [MNIST[3]] else there.seen)


def pieces(folder, nabla, files):
    """Cut at several places, each time gone on with."""
    with Server(files) as server:
        for length in (1, 65536, 3000000):
            server.server.cut = length
            problem = says(run(nabla, folder, f"data fetch mnist from={server.url}"), 4, "goes on from there")
            if problem:
                return problem
        problem = says(run(nabla, folder, f"data fetch mnist from={server.url}; data mnist"), 0, LOADED)
        starts = [start for name, start in server.seen if name == FIRST]
        return problem or (None if starts == [0, 1, 65537, 3065537] else starts)


def check_without(tally, nabla):
    with tempfile.TemporaryDirectory(prefix="nabla-fetch-") as folder:
        result = run(nabla, folder, "data fetch mnist from=http://127.0.0.1")
        tally.check("without libcurl", says(result, 4, "built without libcurl.*libcurl4-openssl-dev.*-Dcurl=enabled"))


def main(nabla, curl):
    tally = program.Tally()
    nabla = os.path.abspath(nabla)
    if curl == "no":
        check_without(tally, nabla)
        return tally.done()
    for test in FAULTS:
        in_folder(tally, test.__name__, test, nabla)
    files = packed_mnist()
    for test in (whole, pieces) if files else ():
        in_folder(tally, test.__name__, test, nabla, files)
    return tally.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
