#pragma once
#include <sys/epoll.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
extern int renameat2(int, const char *, int, const char *, unsigned int);
static inline int clinux_rename_noreplace(int a, const char *b, int c, const char *d) { return renameat2(a, b, c, d, 1u); }
static inline int clinux_rename_exchange(int a, const char *b, int c, const char *d) { return renameat2(a, b, c, d, 2u); }
static inline int clinux_take_read_lease(int fd) { return fcntl(fd, 1024, F_RDLCK); }
static inline int clinux_give_lease_back(int fd) { return fcntl(fd, 1024, F_UNLCK); }
// Swift sees `flock` as the structure of the same name.
static inline int clinux_flock(int fd, int operation) { return flock(fd, operation); }
// syncfs is outside Swift's Glibc too.
extern int syncfs(int);
static inline int clinux_sync_file_system(int fd) { return syncfs(fd); }
// statfs is outside Swift's Glibc; only the type is wanted.
static inline int clinux_file_system_type(int fd, unsigned long *type) {
  struct statfs about;
  if (fstatfs(fd, &about) != 0) return -1;
  *type = (unsigned long)about.f_type & 0xffffffffUL;
  return 0;
}
// malloc.h is outside Swift's Glibc.
static inline void clinux_trim_heap(void) { malloc_trim(0); }
static inline void clinux_use_one_heap(void) { mallopt(M_ARENA_MAX, 1); }
// The end of a folder and an error are told apart by errno alone, and d_name is an array that Swift would copy.
static inline const char *clinux_next_name(DIR *folder, int *code) {
  errno = 0;
  struct dirent *entry = readdir(folder);
  *code = entry ? 0 : errno;
  return entry ? entry->d_name : 0;
}
// UTIME_OMIT is a macro that Swift does not see; the access time stays.
static inline int clinux_set_modified(int folder, const char *name, long seconds, long nanoseconds) {
  struct timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
  return utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW);
}
// prctl is variadic: the kernel kills this process when the thread that made it ends.
static inline int clinux_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }
// memmem is outside Swift's Glibc.
extern void *memmem(const void *, size_t, const void *, size_t);
static inline const void *clinux_find(const void *text, size_t length, const void *part, size_t part_length) {
  return memmem(text, length, part, part_length);
}
