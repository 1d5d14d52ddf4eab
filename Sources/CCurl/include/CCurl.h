// The part of libcurl that kis-fetch needs, and the calls of the kernel that wait for it.
//
// libcurl is opened when it is first used: its headers are on few machines, the library is on all that run Swift's
// Foundation, and a replay needs neither. Its options go through variable arguments, which Swift cannot call.
#pragma once

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

/// A transfer that has ended (libcurl's CURLMsg).
typedef struct {
  int kind;
  void *_Nonnull easy;
  union {
    void *_Nullable other;
    int result;
  } data;
} CCurlMessage;

/// Takes bytes; what is taken, or less to end the transfer.
typedef size_t (*CCurlTaker)(char *_Nonnull bytes, size_t size, size_t count, void *_Nonnull user);
/// Says what to wait for on a socket: 1 to read, 2 to write, 3 both, 4 nothing from now on.
typedef int (*CCurlWatcher)(void *_Nonnull easy, int socket, int what, void *_Nonnull user, void *_Nullable own);
/// Says when to call again, in milliseconds; -1: not for the time's sake.
typedef int (*CCurlTimer)(void *_Nonnull multi, long milliseconds, void *_Nonnull user);

/// Opens libcurl. NULL when it is open, else why not.
const char *_Nullable ccurl_open(void);

void *_Nullable ccurl_easy(void);
void ccurl_easy_end(void *_Nonnull easy);
int ccurl_set_number(void *_Nonnull easy, int option, long value);
int ccurl_set_pointer(void *_Nonnull easy, int option, const void *_Nullable value);
int ccurl_set_taker(void *_Nonnull easy, int option, CCurlTaker _Nonnull taker);
long ccurl_number(void *_Nonnull easy, int what);

void *_Nullable ccurl_list_add(void *_Nullable list, const char *_Nonnull text);
void ccurl_list_end(void *_Nullable list);

void *_Nullable ccurl_multi(void);
void ccurl_multi_end(void *_Nonnull multi);
int ccurl_multi_set_number(void *_Nonnull multi, int option, long value);
int ccurl_multi_watch(
    void *_Nonnull multi, CCurlWatcher _Nonnull watcher, CCurlTimer _Nonnull timer, void *_Nonnull user);
int ccurl_multi_add(void *_Nonnull multi, void *_Nonnull easy);
int ccurl_multi_remove(void *_Nonnull multi, void *_Nonnull easy);
/// Goes on with what waited for `socket` (1 readable, 2 writable, 4 broken), or with `socket` -1 for the time.
int ccurl_multi_go(void *_Nonnull multi, int socket, int ready);
const CCurlMessage *_Nullable ccurl_multi_message(void *_Nonnull multi);
