#include "CCurl.h"

#include <dlfcn.h>

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  void (*easy_cleanup)(void *);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_getinfo)(void *, int, ...);
  void *(*slist_append)(void *, const char *);
  void (*slist_free_all)(void *);
  void *(*multi_init)(void);
  int (*multi_cleanup)(void *);
  int (*multi_setopt)(void *, int, ...);
  int (*multi_add_handle)(void *, void *);
  int (*multi_remove_handle)(void *, void *);
  int (*multi_socket_action)(void *, int, int, int *);
  CCurlMessage *(*multi_info_read)(void *, int *);
} curl;

const char *ccurl_open(void) {
  // The second name is what Debian calls the build with GnuTLS that git brings along.
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
  static void *library = NULL;
  if (library) return NULL;
  const char *why = "libcurl is not installed";
  for (size_t index = 0; index < sizeof names / sizeof *names && !library; index++) {
    library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
    if (!library) why = dlerror();
  }
  if (!library) return why;
#define FIND(name)                                                   \
  if (!(*(void **)&curl.name = dlsym(library, "curl_" #name))) {     \
    library = NULL;                                                  \
    return "libcurl has no curl_" #name;                             \
  }
  FIND(global_init)
  FIND(easy_init)
  FIND(easy_cleanup)
  FIND(easy_setopt)
  FIND(easy_getinfo)
  FIND(slist_append)
  FIND(slist_free_all)
  FIND(multi_init)
  FIND(multi_cleanup)
  FIND(multi_setopt)
  FIND(multi_add_handle)
  FIND(multi_remove_handle)
  FIND(multi_socket_action)
  FIND(multi_info_read)
#undef FIND
  const long everything = 3;
  if (curl.global_init(everything) == 0) return NULL;
  library = NULL;
  return "libcurl could not start";
}

void *ccurl_easy(void) { return curl.easy_init(); }
void ccurl_easy_end(void *easy) { curl.easy_cleanup(easy); }
int ccurl_set_number(void *easy, int option, long value) { return curl.easy_setopt(easy, option, value); }
int ccurl_set_pointer(void *easy, int option, const void *value) { return curl.easy_setopt(easy, option, value); }
int ccurl_set_taker(void *easy, int option, CCurlTaker taker) { return curl.easy_setopt(easy, option, taker); }

long ccurl_number(void *easy, int what) {
  long value = 0;
  return curl.easy_getinfo(easy, what, &value) == 0 ? value : 0;
}

void *ccurl_list_add(void *list, const char *text) { return curl.slist_append(list, text); }
void ccurl_list_end(void *list) { curl.slist_free_all(list); }

void *ccurl_multi(void) { return curl.multi_init(); }
void ccurl_multi_end(void *multi) { curl.multi_cleanup(multi); }
int ccurl_multi_set_number(void *multi, int option, long value) { return curl.multi_setopt(multi, option, value); }

int ccurl_multi_watch(void *multi, CCurlWatcher watcher, CCurlTimer timer, void *user) {
  const int socket_function = 20001, socket_data = 10002, timer_function = 20004, timer_data = 10005;
  return curl.multi_setopt(multi, socket_function, watcher) | curl.multi_setopt(multi, socket_data, user) |
         curl.multi_setopt(multi, timer_function, timer) | curl.multi_setopt(multi, timer_data, user);
}

int ccurl_multi_add(void *multi, void *easy) { return curl.multi_add_handle(multi, easy); }
int ccurl_multi_remove(void *multi, void *easy) { return curl.multi_remove_handle(multi, easy); }

int ccurl_multi_go(void *multi, int socket, int ready) {
  int running = 0;
  return curl.multi_socket_action(multi, socket, ready, &running);
}

const CCurlMessage *ccurl_multi_message(void *multi) {
  int left = 0;
  return curl.multi_info_read(multi, &left);
}
