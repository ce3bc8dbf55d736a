#pragma once
#include <inotifytools/inotify.h>
#include <inotifytools/inotifytools.h>

/// The name in an event, or NULL: Swift cannot import the flexible array at its end.
static inline const char *cinotifytools_name(const struct inotify_event *event) {
  return event->len > 0 ? event->name : (const char *)0;
}
