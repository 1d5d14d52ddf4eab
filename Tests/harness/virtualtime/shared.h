/* What the processes of a virtual day share: the time, who takes part, and who waits until when. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

enum { MOST_PROCESSES = 512, MOST_WAITS = 512, MOST_STEPS = 8 << 20 };

/* A thread that waits; until `deadline` (ns since 1970, virtual), INT64_MAX for ever. `tid` 0: a free place. */
struct wait {
  _Atomic int32_t tid;
  _Atomic int32_t pid;
  _Atomic int64_t deadline;
};

/* From the real instant `real` on it was `virtual` (both ns since 1970). */
struct step {
  int64_t real, virtual;
};

struct shared {
  int64_t start;        /* the first virtual instant, ns since 1970 */
  _Atomic int64_t now;  /* ns since 1970 */
  _Atomic int32_t processes[MOST_PROCESSES];
  struct wait waits[MOST_WAITS];
  _Atomic uint32_t steps;
  struct step step[MOST_STEPS];
};

/* Ends the waiting of a thread whose deadline has come. A signal that is ignored where nobody has asked for it. */
#define WAKE SIGURG
