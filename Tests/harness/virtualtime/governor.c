/* usage: governor FILE START COMMAND...

   Makes FILE (shared.h), starts COMMAND, and moves the time of the processes that take part, from START (seconds since
   1970): to the next moment that one of them waits for, when not one of them runs. So a day passes as fast as this
   machine works, and load on it makes it longer but not different. Ends with COMMAND's status. */
#define _GNU_SOURCE
#include "shared.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, MOST_TEXT = 1 << 16 };

static struct shared *day;

static int64_t real_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

/* What is looked at of a process. Its files stay open: they are read thousands of times a second. */
struct process {
  int pid, stat, schedstat;
  long threads;
};
static struct process seen[MOST_PROCESSES];

static int open_of(int pid, const char *name) {
  char path[320];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static void attend(struct process *process, int pid) {
  if (process->pid == pid) return;
  if (process->pid) close(process->stat), close(process->schedstat);
  *process = (struct process){.pid = pid, .threads = 1};
  if (!pid) return;
  process->stat = open_of(pid, "stat");
  process->schedstat = open_of(pid, "schedstat");
}

static int read_start(int file, char *into, size_t size) {
  ssize_t count = pread(file, into, size - 1, 0);
  if (count < 0) count = 0;
  into[count] = 0;
  return (int)count;
}

/* Whether a thread waits, or has ended; the number of its process's threads. */
static int waits(int file, long *threads) {
  char text[1024];
  if (read_start(file, text, sizeof text) == 0) return 1;
  const char *state = strrchr(text, ')');
  if (!state) return 1;
  /* state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime priority nice threads */
  if (threads)
    sscanf(state + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld", threads);
  return strchr("SZTtX", state[2]) != 0;
}

/* Calls `act` with a file of each thread but the first, until it returns 0. */
static int each_other(int pid, const char *name, int (*act)(int file)) {
  char path[320];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (!tasks) return 1;
  int more = 1;
  for (struct dirent *entry; more && (entry = readdir(tasks));) {
    if (!isdigit(entry->d_name[0]) || atoi(entry->d_name) == pid) continue;
    snprintf(path, sizeof path, "task/%.64s/%s", entry->d_name, name);
    int file = open_of(pid, path);
    if (file < 0) continue;
    more = act(file);
    close(file);
  }
  closedir(tasks);
  return more;
}

static int other_waits(int file) { return waits(file, 0); }

/* What each thread has run until now, as text. */
static char *at, *end;
static int add(int file) {
  if (end - at > 256) at += read_start(file, at, 256);
  return 1;
}

static void account(char *into) {
  at = into;
  end = into + MOST_TEXT;
  for (int i = 0; i < MOST_PROCESSES; i++) {
    attend(&seen[i], day->processes[i]);
    if (!seen[i].pid) continue;
    add(seen[i].schedstat);
    if (seen[i].threads > 1) each_other(seen[i].pid, "schedstat", add);
  }
  *at = 0;
}

/* Whether every thread waits. */
static int all_wait(void) {
  static int busy; /* the one that ran last is likely to run still */
  for (int n = 0; n < MOST_PROCESSES; n++) {
    int i = (busy + n) % MOST_PROCESSES;
    if (!seen[i].pid) continue;
    if (waits(seen[i].stat, &seen[i].threads) &&
        (seen[i].threads <= 1 || each_other(seen[i].pid, "stat", other_waits)))
      continue;
    busy = i;
    return 0;
  }
  return 1;
}

/* Whether there was a moment at which all slept: each was seen to wait, and none has run from before until after. */
static int is_still(void) {
  static char before[MOST_TEXT], after[MOST_TEXT];
  account(before);
  if (!all_wait()) return 0;
  account(after);
  return strcmp(before, after) == 0;
}

static int is_gone(int pid) { return kill(pid, 0) != 0 && errno == ESRCH; }

static void forget_the_dead(void) {
  for (int i = 0; i < MOST_PROCESSES; i++)
    if (day->processes[i] && is_gone(day->processes[i])) day->processes[i] = 0;
  for (int i = 0; i < MOST_WAITS; i++) {
    struct wait *wait = &day->waits[i];
    if (wait->tid && wait->pid && syscall(SYS_tgkill, wait->pid, wait->tid, 0) != 0 && errno == ESRCH) {
      wait->deadline = INT64_MAX;
      wait->pid = 0;
      wait->tid = 0;
    }
  }
}

static void move_to(int64_t now) {
  uint32_t count = day->steps;
  if (count == MOST_STEPS) {
    fprintf(stderr, "governor: too many steps\n");
    exit(70);
  }
  day->step[count] = (struct step){real_now(), now};
  day->steps = count + 1;
  day->now = now;
}

/* Wakes one who waits; 0 when that was done for this deadline before: it is stopped (SIGSTOP), sees the signal when it
   goes on, and holds up nobody. */
static int wake(int place) {
  static int64_t woken[MOST_WAITS];
  struct wait *wait = &day->waits[place];
  if (woken[place] == wait->deadline) return 0;
  woken[place] = wait->deadline;
  syscall(SYS_tgkill, wait->pid, wait->tid, WAKE);
  return 1;
}

/* Moves the time to the first deadline to come, and wakes those who wait for it; 0 when nobody does. Whose deadline is
   over already (the time may move while somebody is about to wait) is woken first. */
static int step(void) {
  int64_t now = day->now, first = INT64_MAX;
  int late = 0;
  for (int i = 0; i < MOST_WAITS; i++) {
    struct wait *wait = &day->waits[i];
    if (!wait->tid || !wait->pid) continue;
    if (wait->deadline <= now) late += wake(i);
    else if (wait->deadline < first) first = wait->deadline;
  }
  if (late) return 1;
  if (first == INT64_MAX) return 0;
  move_to(first);
  for (int i = 0; i < MOST_WAITS; i++) {
    struct wait *wait = &day->waits[i];
    if (wait->tid && wait->pid && wait->deadline > now && wait->deadline <= first) wake(i);
  }
  return 1;
}

static pid_t child;
static void pass_on(int number) { kill(child, number); }

int main(int count, char **words) {
  if (count < 4) return 64;
  int file = open(words[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(struct shared)) != 0) return 73;
  day = mmap(0, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (day == MAP_FAILED) return 73;
  day->start = day->now = (int64_t)(strtod(words[2], 0) * SECOND);
  for (int i = 0; i < MOST_WAITS; i++) day->waits[i].deadline = INT64_MAX;
  move_to(day->start);
  child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execvp(words[3], words + 3);
    _exit(127);
  }
  day->processes[0] = child;
  signal(SIGTERM, pass_on);
  signal(SIGINT, pass_on);
  prctl(PR_SET_TIMERSLACK, 1000);
  struct timespec breath = {0, 20000};
  int64_t moved = real_now();
  for (unsigned round = 0;; round++) {
    int status;
    if ((round & 63) == 0) {
      if (waitpid(child, &status, WNOHANG) == child) {
        fprintf(stderr, "governor: %u steps\n", day->steps);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      forget_the_dead();
    }
    if (is_still() && step()) {
      moved = real_now();
      continue;
    }
    /* What looks at the clock until it has moved, and never waits, is not to stop it for good. */
    if (real_now() - moved > 2LL * SECOND) {
      moved = real_now();
      move_to(day->now + 1000000);
    }
    nanosleep(&breath, 0);
  }
}
