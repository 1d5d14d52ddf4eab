/* Preloaded: every clock, timeout and file time of the process is that of the virtual day in the file VIRTUAL_TIME.
   The governor moves that time, when every process waits. CPU time costs none of it. */
#define _GNU_SOURCE
#include "shared.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, MOST_TIMERS = 64 };
#define FOR_EVER INT64_MAX

static struct shared *day;
static __thread struct wait *mine;
/* Deadlines of timerfds, by descriptor; 0: not set. */
static int64_t timers[MOST_TIMERS];

#define REAL(name) ((__typeof__(&name))real(#name, &(static_##name)))
#define SLOT(name) static void *static_##name
static void *real(const char *name, void **slot) {
  if (!*slot) *slot = dlsym(RTLD_NEXT, name);
  return *slot;
}

static void take_part(int pid) {
  if (!day) return;
  for (int i = 0; i < MOST_PROCESSES; i++)
    if (day->processes[i] == pid) return;
  for (int i = 0; i < MOST_PROCESSES; i++) {
    int32_t none = 0;
    if (atomic_compare_exchange_strong(&day->processes[i], &none, pid)) return;
  }
  abort();
}

static void ignore(int number) { (void)number; }

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("VIRTUAL_TIME");
  int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(0, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (map == MAP_FAILED) return;
  struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
  sigaction(WAKE, &action, 0);
  day = map;
  take_part(getpid());
}

SLOT(fork);
pid_t fork(void) {
  pid_t child = REAL(fork)();
  if (child == 0) mine = 0;
  if (child >= 0) take_part(child == 0 ? getpid() : child);
  return child;
}

/* --- waiting ------------------------------------------------------------------------------------------------- */

static struct wait *place(void) {
  if (mine) return mine;
  int tid = (int)syscall(SYS_gettid);
  for (int i = 0; i < MOST_WAITS; i++)
    if (day->waits[i].tid == tid) return mine = &day->waits[i];
  for (int i = 0; i < MOST_WAITS; i++) {
    int32_t none = 0;
    if (!atomic_compare_exchange_strong(&day->waits[i].tid, &none, tid)) continue;
    day->waits[i].pid = getpid();
    return mine = &day->waits[i];
  }
  abort();
}

static int64_t after(int64_t ns) {
  if (ns < 0) ns = 0;
  return ns > FOR_EVER - day->now ? FOR_EVER : day->now + ns;
}

/* The first timer of this process. */
static int64_t first_timer(void) {
  int64_t first = FOR_EVER;
  for (int i = 0; i < MOST_TIMERS; i++)
    if (timers[i] && timers[i] < first) first = timers[i];
  return first;
}

SLOT(timerfd_settime);
int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old) {
  struct itimerspec off = {0};
  if (!day || fd >= MOST_TIMERS) return REAL(timerfd_settime)(fd, flags, value, old);
  int64_t ns = (int64_t)value->it_value.tv_sec * SECOND + value->it_value.tv_nsec;
  timers[fd] = ns ? after(ns) : 0;
  return REAL(timerfd_settime)(fd, 0, &off, old);
}

/* Timers whose time has come are let go in the kernel. */
static void ring(void) {
  static const struct itimerspec at_once = {.it_value = {0, 1}};
  for (int i = 0; i < MOST_TIMERS; i++)
    if (timers[i] && timers[i] <= day->now) {
      timers[i] = 0;
      REAL(timerfd_settime)(i, 0, &at_once, 0);
    }
}

typedef int call(void *arguments, const sigset_t *mask);

/* Calls what waits in the kernel without end, until it returns, or returns 0 at the deadline. */
static int until(int64_t deadline, const sigset_t *asked, call *wait, void *arguments) {
  struct wait *own = place();
  sigset_t mask;
  if (asked) mask = *asked;
  else pthread_sigmask(SIG_BLOCK, 0, &mask);
  sigdelset(&mask, WAKE);
  for (;;) {
    ring();
    if (deadline <= day->now) return 0;
    int64_t timer = first_timer();
    own->deadline = timer < deadline ? timer : deadline;
    int result = wait(arguments, &mask), reason = errno;
    int64_t woken = own->deadline;
    own->deadline = FOR_EVER;
    errno = reason;
    if (result >= 0 || reason != EINTR || day->now < woken) return result;
  }
}

SLOT(ppoll);
struct polls {
  struct pollfd *entries;
  nfds_t count;
  int none; /* 1: only looks */
};
static int poll_call(void *arguments, const sigset_t *mask) {
  static const struct timespec none = {0};
  struct polls *it = arguments;
  return REAL(ppoll)(it->entries, it->count, it->none ? &none : 0, mask);
}

static int poll_until(struct pollfd *entries, nfds_t count, int64_t deadline, const sigset_t *mask) {
  struct polls it = {entries, count, 1};
  ring();
  int ready = poll_call(&it, mask);
  if (ready || deadline <= day->now) return ready;
  it.none = 0;
  return until(deadline, mask, poll_call, &it);
}

SLOT(poll);
int poll(struct pollfd *entries, nfds_t count, int timeout) {
  if (!day) return REAL(poll)(entries, count, timeout);
  return poll_until(entries, count, timeout < 0 ? FOR_EVER : after(timeout * 1000000LL), 0);
}

int __poll_chk(struct pollfd *entries, nfds_t count, int timeout, size_t size) {
  (void)size;
  return poll(entries, count, timeout);
}

int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
  if (!day) return REAL(ppoll)(entries, count, timeout, mask);
  int64_t ns = timeout ? (int64_t)timeout->tv_sec * SECOND + timeout->tv_nsec : 0;
  return poll_until(entries, count, timeout ? after(ns) : FOR_EVER, mask);
}

SLOT(epoll_pwait);
struct epolls {
  int fd, most, none;
  struct epoll_event *events;
};
static int epoll_call(void *arguments, const sigset_t *mask) {
  struct epolls *it = arguments;
  return REAL(epoll_pwait)(it->fd, it->events, it->most, it->none ? 0 : -1, mask);
}

int epoll_pwait(int fd, struct epoll_event *events, int most, int timeout, const sigset_t *mask) {
  if (!day) return REAL(epoll_pwait)(fd, events, most, timeout, mask);
  struct epolls it = {fd, most, 1, events};
  ring();
  int ready = epoll_call(&it, mask);
  if (ready || timeout == 0) return ready;
  it.none = 0;
  return until(timeout < 0 ? FOR_EVER : after(timeout * 1000000LL), mask, epoll_call, &it);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
  return epoll_pwait(fd, events, most, timeout, 0);
}

SLOT(pselect);
struct selects {
  int count, none;
  fd_set *sets[3], asked[3];
};
static int select_call(void *arguments, const sigset_t *mask) {
  static const struct timespec none = {0};
  struct selects *it = arguments;
  for (int i = 0; i < 3; i++)
    if (it->sets[i]) *it->sets[i] = it->asked[i];
  return REAL(pselect)(it->count, it->sets[0], it->sets[1], it->sets[2], it->none ? &none : 0, mask);
}

static int select_until(int count, fd_set *in, fd_set *out, fd_set *odd, int64_t deadline, const sigset_t *mask) {
  struct selects it = {count, 1, {in, out, odd}, {{{0}}}};
  for (int i = 0; i < 3; i++)
    if (it.sets[i]) it.asked[i] = *it.sets[i];
  ring();
  int ready = select_call(&it, mask);
  if (ready || deadline <= day->now) return ready;
  it.none = 0;
  ready = until(deadline, mask, select_call, &it);
  if (ready == 0)
    for (int i = 0; i < 3; i++)
      if (it.sets[i]) FD_ZERO(it.sets[i]);
  return ready;
}

SLOT(select);
int select(int count, fd_set *in, fd_set *out, fd_set *odd, struct timeval *timeout) {
  if (!day) return REAL(select)(count, in, out, odd, timeout);
  int64_t ns = timeout ? (int64_t)timeout->tv_sec * SECOND + timeout->tv_usec * 1000LL : 0;
  return select_until(count, in, out, odd, timeout ? after(ns) : FOR_EVER, 0);
}

int pselect(int count, fd_set *in, fd_set *out, fd_set *odd, const struct timespec *timeout, const sigset_t *mask) {
  if (!day) return REAL(pselect)(count, in, out, odd, timeout, mask);
  int64_t ns = timeout ? (int64_t)timeout->tv_sec * SECOND + timeout->tv_nsec : 0;
  return select_until(count, in, out, odd, timeout ? after(ns) : FOR_EVER, mask);
}

/* --- sleeping ------------------------------------------------------------------------------------------------ */

static int nap(int64_t deadline) {
  return poll_until(0, 0, deadline, 0);
}

SLOT(clock_nanosleep);
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *asked, struct timespec *left);
SLOT(nanosleep);
int nanosleep(const struct timespec *asked, struct timespec *left) {
  if (!day) return REAL(nanosleep)(asked, left);
  int64_t deadline = after((int64_t)asked->tv_sec * SECOND + asked->tv_nsec);
  if (nap(deadline) == 0) return 0;
  int64_t rest = deadline > day->now ? deadline - day->now : 0;
  if (left) *left = (struct timespec){rest / SECOND, rest % SECOND};
  return -1;
}

/* What a virtual clock that is not CLOCK_REALTIME shows is this much behind the time of day. */
static int64_t behind(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? 0 : day->start - 100000LL * SECOND;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *asked, struct timespec *left) {
  if (!day) return REAL(clock_nanosleep)(clock, flags, asked, left);
  if (!(flags & TIMER_ABSTIME)) return nanosleep(asked, left) == 0 ? 0 : errno;
  return nap((int64_t)asked->tv_sec * SECOND + asked->tv_nsec + behind(clock)) == 0 ? 0 : errno;
}

int usleep(useconds_t us) {
  struct timespec time = {us / 1000000, us % 1000000 * 1000};
  return nanosleep(&time, 0);
}

unsigned sleep(unsigned seconds) {
  struct timespec time = {seconds, 0}, left = {0, 0};
  return nanosleep(&time, &left) == 0 ? 0 : (unsigned)left.tv_sec + (left.tv_nsec > 0);
}

/* --- clocks -------------------------------------------------------------------------------------------------- */

SLOT(clock_gettime);
int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!day || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0)
    return REAL(clock_gettime)(clock, time);
  int64_t now = day->now - behind(clock);
  *time = (struct timespec){now / SECOND, now % SECOND};
  return 0;
}

SLOT(gettimeofday);
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  if (!day) return REAL(gettimeofday)(time, zone);
  int64_t now = day->now;
  *time = (struct timeval){now / SECOND, now % SECOND / 1000};
  return 0;
}

SLOT(time);
time_t time(time_t *out) {
  if (!day) return REAL(time)(out);
  time_t now = day->now / SECOND;
  if (out) *out = now;
  return now;
}

/* --- times of files ------------------------------------------------------------------------------------------ */

/* The virtual instant of a real one. */
static void convert(struct timespec *time) {
  int64_t real = (int64_t)time->tv_sec * SECOND + time->tv_nsec, instant;
  uint32_t low = 0, high = day->steps;
  const struct step *steps = day->step;
  if (high == 0 || real < steps[0].real) {
    instant = day->start - (high == 0 ? 0 : steps[0].real - real);
  } else {
    while (high - low > 1) {
      uint32_t middle = low + (high - low) / 2;
      if (steps[middle].real <= real) low = middle;
      else high = middle;
    }
    /* Two instants stay two, though no virtual time passed between them. */
    instant = steps[low].virtual + (real - steps[low].real) / 1000000;
  }
  *time = (struct timespec){instant / SECOND, instant % SECOND};
}

static int converted(int result, struct stat *out) {
  if (result == 0 && day) {
    convert(&out->st_mtim);
    convert(&out->st_ctim);
    convert(&out->st_atim);
  }
  return result;
}

#define STAT(name, parameters, arguments)                                                  \
  SLOT(name);                                                                              \
  int name parameters { return converted(REAL(name) arguments, (struct stat *)out); }
STAT(stat, (const char *restrict path, struct stat *restrict out), (path, out))
STAT(lstat, (const char *restrict path, struct stat *restrict out), (path, out))
STAT(fstat, (int fd, struct stat *out), (fd, out))
STAT(fstatat, (int fd, const char *restrict path, struct stat *restrict out, int flags), (fd, path, out, flags))
STAT(stat64, (const char *restrict path, struct stat64 *restrict out), (path, out))
STAT(lstat64, (const char *restrict path, struct stat64 *restrict out), (path, out))
STAT(fstat64, (int fd, struct stat64 *out), (fd, out))
STAT(fstatat64, (int fd, const char *restrict path, struct stat64 *restrict out, int flags), (fd, path, out, flags))
