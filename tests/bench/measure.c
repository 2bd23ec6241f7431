/* measure TIMES COMMAND [ARGUMENT...]: runs a command so many times, one after
 * the other, its output thrown away, and prints
 *
 *     CPU-seconds-of-one-run  peak-resident-KiB  exit-status  wall-seconds
 *
 * For the benchmark. A program of its own because the peak that the kernel
 * reports of a child includes what its parent had before exec: that parent
 * has to be small. Knows nothing of DICOM. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t files;
    struct rusage usage;
    double cpu = 0, start;
    long peak = 0, i, times;
    int status = 0;
    pid_t child;

    if (argc < 3 || (times = atol(argv[1])) < 1) {
        fputs("usage: measure TIMES COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    start = now();
    for (i = 0; i < times && status == 0; i++) {
        if (posix_spawnp(&child, argv[2], &files, NULL, argv + 2, environ)) {
            fprintf(stderr, "measure: %s cannot be run\n", argv[2]);
            return 2;
        }
        if (wait4(child, &status, 0, &usage) != child)
            return 2;
        cpu += seconds(usage.ru_utime) + seconds(usage.ru_stime);
        if (usage.ru_maxrss > peak)
            peak = usage.ru_maxrss;
    }
    printf("%.6f %ld %d %.6f\n", cpu / (double)i, peak,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
           (now() - start) / (double)i);
    return 0;
}
