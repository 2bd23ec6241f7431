/* Each allocation, each write and each read fails once in turn, and what was to
 * be made is made again with the same objects when all works again. A failure
 * must be told as what it is, with the memory in order (the sanitizers see to
 * that); and after it nothing of it may be left.
 *
 * A test that has this is linked with --wrap for the calls in faults.c, so only
 * calls of our own objects fail, and those of zlib and expat that allocate. */
#ifndef FAULTS_H
#define FAULTS_H

#include "libdcm/dcm.h"

#include <stdio.h>

enum fault { MEMORY, WRITE, READ, N_FAULTS };

/* What a job has written. */
#define WRITTEN_MOST (1u << 20)
extern struct written {
    uint8_t bytes[WRITTEN_MOST];
    size_t size;
} written;
void written_add(const void *data, size_t n);

/* Callbacks of an input and an output, without memory of their own. */
struct feed {
    const uint8_t *data;
    size_t size, at;
};
ptrdiff_t faults_feed(void *feed, void *buffer, size_t n);
int faults_take(void *user, const void *data, size_t n);

/* Something to be done, by a machine that is made for it. */
struct faults_job {
    const char *fixture, *name; /* for messages */
    void *machine;
    /* Allocates all that is needed: 0 when it can't. */
    int (*make)(void *machine);
    enum dcm_status (*run)(void *machine, struct dcm_error *error);
    /* Afterwards what was written into `written`, when nothing fails. */
    void (*collect)(void *machine);
    /* Ready to run again, also when the making failed. */
    int (*again)(void *machine);
    void (*free)(void *machine);
    /* Files to their state before the first run. */
    void (*rewind)(void *machine);
};

/* Every call of that kind; how many failed. */
long faults_all(const struct faults_job *job, enum fault kind);
const char *fault_name(enum fault kind);

#endif
