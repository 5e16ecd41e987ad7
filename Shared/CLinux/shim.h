// What Glibc's module leaves out: readiness (epoll), wake-ups (eventfd), thread names and per-thread signals.
#ifndef CHARTLINE_CLINUX_SHIM_H
#define CHARTLINE_CLINUX_SHIM_H
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/tcp.h>
#include <pthread.h>
int pthread_setname_np(pthread_t thread, const char *name);
#endif
