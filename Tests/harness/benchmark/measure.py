"""Running a command and weighing it: wall, user and system seconds, peak memory."""
import math
import os
import resource
import statistics
import subprocess
import time


class Row:
    """The medians of several runs of one command on one corpus."""

    def __init__(self, name, corpus, size, lines, runs):
        self.name, self.corpus, self.size, self.lines = name, corpus, size, lines
        self.seconds = statistics.median(run[0] for run in runs)
        self.user = statistics.median(run[1] for run in runs)
        self.system = statistics.median(run[2] for run in runs)
        self.peak_kb = max(run[3] for run in runs)

    @property
    def speed(self):
        """MB/s of input."""
        return self.size / 1e6 / self.seconds

    def as_dict(self):
        return {
            "name": self.name, "corpus": self.corpus, "bytes": self.size, "seconds": round(self.seconds, 4),
            "mb_per_s": round(self.speed, 1), "lines_per_s": round(self.lines / self.seconds),
            "user_s": round(self.user, 3), "system_s": round(self.system, 3), "peak_rss_kb": self.peak_kb,
        }


def peak_kb(pid):
    """A running process's peak resident memory since its exec (wait4's figure would include ours before it)."""
    try:
        with open("/proc/%d/status" % pid) as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def run_once(command, source, target=os.devnull):
    """Runs a command, or a list of commands as a pipeline, from `source` to `target`."""
    stages = command if isinstance(command[0], list) else [command]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(source, "rb") as start, open(target, "wb") as end:
        began = time.perf_counter()
        processes, upstream = [], start
        for index, stage in enumerate(stages):
            last = index == len(stages) - 1
            process = subprocess.Popen(
                stage, stdin=upstream, stdout=end if last else subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=dict(os.environ, OBSERVER_LOG_LEVEL="error"))
            if upstream is not start:
                upstream.close()
            upstream = process.stdout
            processes.append(process)
        peak, failed, left = 0, [], list(processes)
        while left:
            for process in list(left):
                peak = max(peak, peak_kb(process.pid))
                if process.poll() is not None:
                    left.remove(process)
                    if process.returncode not in (0, 65):
                        failed.append((process.args, process.returncode))
            if left:
                time.sleep(0.001)
        seconds = time.perf_counter() - began
    if failed:
        raise RuntimeError("benchmark command failed: %s" % failed)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, peak


def last_number(path):
    """What a program that keeps the time itself wrote last: seconds."""
    with open(path) as text:
        return float(text.read().split()[-1])


def timed(job):
    """One run of a job, and what it needs done afterwards."""
    result = run_once(job["command"], job["source"], job.get("target", os.devnull))
    if job.get("clock"):
        result = (last_number(job["target"]),) + result[1:]
    if job.get("after"):
        job["after"]()
    return result


def row(job, runs):
    """The medians of a job's runs."""
    return Row(job["name"], job["corpus"], os.path.getsize(job["source"]), job["lines"], runs)


def measure(jobs, rounds):
    """Runs jobs (name, corpus, command, source, target, lines) in turn, `rounds` times, so that a slow moment
    of the machine does not fall on one of them alone. Each job's first run warms the caches and is not kept. With
    `clock` the last word in the target is the time that counts."""
    runs = [[timed(job) for job in jobs] for _ in range(rounds + 1)]
    return [row(job, list(kept)) for job, kept in zip(jobs, zip(*runs[1:]))]


def compare(pairs, rounds):
    """Runs each pair of jobs one after the other, whoever was second last time first: the one that writes files after
    the other has removed its own can take half the time. Gives two rows and the ratio of their speeds, of which half
    are taken in either order (their medians' geometric mean)."""
    turns = []
    for turn in range(2 * ((rounds + 1) // 2) + 1):
        turns.append([])
        for pair in pairs:
            runs = [None, None]
            for side in ((0, 1) if turn % 2 else (1, 0)):
                runs[side] = timed(pair[side])
            turns[-1].append(runs)
    for (new, old), runs in zip(pairs, zip(*turns[1:])):
        ratios = [theirs[0] / ours[0] for ours, theirs in runs]
        yield (row(new, [ours for ours, _ in runs]), row(old, [theirs for _, theirs in runs]),
               math.sqrt(statistics.median(ratios[::2]) * statistics.median(ratios[1::2])))
