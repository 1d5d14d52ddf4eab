"""One case's surroundings: folders, mounts, the tools under test, and feeds that know what was taken from them."""
import contextlib
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from . import oracle

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FILTERS = ("snap-validate", "snap-guard", "snap-enrich")
SETPIPE = 1031


class Skip(Exception):
    """This machine cannot run the case."""


def bin_dir():
    return os.environ.get("OBSERVER_BIN_DIR") or os.path.join(ROOT, ".build/release")


def need(*what):
    """Skips the case unless each program (or "root") is there."""
    for name in what:
        if name == "root":
            if os.geteuid() != 0:
                raise Skip("needs root")
        elif shutil.which(name) is None:
            raise Skip("%s is not installed" % name)


class Feed(threading.Thread):
    """Writes numbered records into a descriptor until told to stop; `issued` counts those that were taken whole."""

    def __init__(self, fd, size=200, count=None, first=1, pause=0.0, block=64, make=oracle.record):
        super().__init__(daemon=True)
        self.fd, self.size, self.count, self.first = fd, size, count, first
        self.pause, self.block, self.make = pause, block, make
        self.taken = 0
        self.rest = b""
        self.halt = threading.Event()
        self.start()

    @property
    def issued(self):
        return self.taken // self.size

    def run(self):
        number = self.first
        while not self.halt.is_set() and (self.count is None or number < self.first + self.count):
            last = number + self.block
            if self.count is not None:
                last = min(last, self.first + self.count)
            data = b"".join(self.make(index, self.size) for index in range(number, last))
            number = last
            try:
                view = memoryview(data)
                while view and not self.halt.is_set():
                    if not select.select([], [self.fd], [], 0.05)[1]:
                        continue
                    put = os.write(self.fd, view[:4096])
                    self.taken += put
                    view = view[put:]
                self.rest = bytes(view)
            except OSError:
                return
            if self.pause:
                time.sleep(self.pause)

    def stop(self, close=True, whole=False):
        """Stops where it is, or (`whole`) at the end of a record."""
        self.halt.set()
        self.join()
        missing = -self.taken % self.size
        if whole and missing:
            self.taken += os.write(self.fd, self.rest[:missing])
        if close:
            with contextlib.suppress(OSError):
                os.close(self.fd)
        return self.issued

    def finish(self, timeout=60):
        """Waits until everything was taken, then closes."""
        self.join(timeout)
        oracle.expect(not self.is_alive(), "the input was not taken within %d s" % timeout)
        os.close(self.fd)
        return self.issued


class Run:
    """A tool that runs, with its stderr in a file so that it never blocks."""

    def __init__(self, command, stdin=None, stdout=subprocess.DEVNULL, stderr=None, env=None, **options):
        self.err_file = tempfile.TemporaryFile()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL if stdin is None else stdin, stdout=stdout,
            stderr=self.err_file if stderr is None else stderr, env=env, **options)
        self.pid = self.process.pid

    @property
    def err(self):
        self.err_file.flush()
        size = os.fstat(self.err_file.fileno()).st_size
        return os.pread(self.err_file.fileno(), size, 0).decode(errors="replace")

    def wait(self, timeout=30):
        """The status as a shell has it."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise oracle.Deviation("did not end within %s s; stderr: %s" % (timeout, self.err[-300:])) from None
        return 128 - code if code < 0 else code

    def wait_closing(self, feed, timeout=30):
        """Ends the feed, then waits."""
        feed.stop()
        return self.wait(timeout)

    def kill(self, number=signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def until(self, condition, what, timeout=10):
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None and not condition():
                raise oracle.Deviation("waited in vain for %s; stderr: %s" % (what, self.err[-300:]))
            time.sleep(0.005)

    def resident(self):
        """Waits for the end; the most memory it had, in KiB. (A child's rusage would count its parent's too.)"""
        most = 0
        while self.process.poll() is None:
            with contextlib.suppress(OSError, ValueError), open("/proc/%d/status" % self.pid) as file:
                for line in file:
                    if line.startswith("VmHWM"):
                        most = max(most, int(line.split()[1]))
            time.sleep(0.01)
        return most

    def seconds(self):
        return time.monotonic() - self.began


class Box:
    """Temporary folder, mounts and children of one case; all gone afterwards."""

    def __init__(self, quick=False):
        self.quick = quick
        self.folder = tempfile.mkdtemp(prefix="faults-")
        os.chmod(self.folder, 0o755)
        self.archive = os.path.join(self.folder, "archive")
        self.data = os.path.join(self.archive, "observer.jsonl")
        self.mounts, self.loops, self.runs = [], [], []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for run in self.runs:
            if run.process.poll() is None:
                run.kill(signal.SIGCONT)
                run.kill()
                run.process.wait()
            run.err_file.close()
        for place in reversed(self.mounts):
            subprocess.run(["umount", "-l", place], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def dynamic(self, name):
        """A build of the tool that takes a preloaded library: release builds are static where that is possible."""
        for folder in (bin_dir(), os.path.join(ROOT, ".build/debug")):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    if b"/ld-" in file.read(8192):
                        return path
        raise Skip("the executables are static, and there is no debug build (swift build)")

    def run(self, command, **options):
        run = Run(command, **options)
        self.runs.append(run)
        return run

    def tool(self, name):
        return os.path.join(bin_dir(), name)

    def sink(self, *words, folder=None, prefix=(), **options):
        command = [*prefix, options.pop("program", self.tool("jsonl-sink")), "--dir", folder or self.archive, *words]
        return self.run(command, **options)

    def feed_sink(self, *words, size=200, count=None, first=1, pause=0.0, block=64, **options):
        """A sink and a feed joined by a pipe."""
        read, write = os.pipe()
        sink = self.sink(*words, stdin=read, **options)
        os.close(read)
        return sink, Feed(write, size, count, first, pause, block)

    def store(self, data, *words, timeout=30, **options):
        """Runs the sink over `data`; its status and stderr."""
        source = self.path("input")
        with open(source, "wb") as file:
            file.write(data)
        with open(source, "rb") as file:
            sink = self.sink(*words, stdin=file, **options)
        return sink.wait(timeout), sink.err

    def pipe_store(self, data, *words, **options):
        """As `store`, through a pipe."""
        read, write = os.pipe()
        fcntl.fcntl(write, SETPIPE, 1 << 20)
        sink = self.sink(*words, stdin=read, **options)
        os.close(read)
        os.write(write, data)
        os.close(write)
        return sink.wait(), sink.err

    def pipe_store_all(self, data, *words, **options):
        """As `pipe_store`, for more than a pipe holds; the sink may end before it has read all."""
        read, write = os.pipe()
        sink = self.sink(*words, stdin=read, **options)
        os.close(read)

        def pour():
            with contextlib.suppress(OSError), os.fdopen(write, "wb") as pipe:
                pipe.write(data)
        thread = threading.Thread(target=pour, daemon=True)
        thread.start()
        status = sink.wait()
        thread.join(5)
        return status, sink.err

    def put(self, data, path=None):
        path = path or self.data
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def clear(self, folder):
        """Ends what runs and removes an archive, for cases of several rounds."""
        for run in self.runs:
            if run.process.poll() is None:
                run.kill()
                run.process.wait()
        shutil.rmtree(folder)

    def read(self, path=None):
        with open(path or self.data, "rb") as file:
            return file.read()

    def judged(self, folder=None, **options):
        return oracle.Archive(folder or self.archive).judge(**options)

    def mount(self, *words, place=None):
        need("root", "mount")
        place = place or self.path("m")
        os.makedirs(place, exist_ok=True)
        done = subprocess.run(["mount", *words, place], capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip("mount: %s" % done.stderr.strip())
        self.mounts.append(place)
        return place

    def tmpfs(self, options="size=256k"):
        return self.mount("-t", "tmpfs", "-o", options, "tmpfs")

    def loop_ext4(self, megabytes=32):
        need("root", "mkfs.ext4", "losetup")
        image = self.path("image")
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, capture_output=True)
        return self.mount("-o", "loop", image)

    def unmount(self, place):
        subprocess.run(["umount", place], capture_output=True, check=True)
        self.mounts.remove(place)


def log(text):
    print(text, file=sys.stderr, flush=True)
