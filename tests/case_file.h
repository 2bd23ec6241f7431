/* Test support: reads the *.case files; cases/README describes them. */
#ifndef CASE_FILE_H
#define CASE_FILE_H

#include "hexd.h"
#include "libdcm/dcm.h"
#include "libdcm/issue.h"

#define CASE_WANTS 8

struct test_case {
    char id[16];
    char why[120];
    unsigned line;                        /* in its file */
    char file[16];                        /* "ele" ...; "" for none */
    struct hexd_buffer text;              /* of the input */
    struct hexd_buffer wants[CASE_WANTS]; /* JSON */
    int part[CASE_WANTS];                 /* not the whole document */
    unsigned n_wants;
    char contains[80];
    enum { CASE_NEVER, CASE_MUST, CASE_MAY } issues[DCM_ISSUE_COUNT];
    enum dcm_status status;
    int keep_unknown, meta;
    enum dcm_bulk bulk;
};

struct case_file {
    struct test_case *cases;
    size_t count;
};

/* 1 when read; 0 when not: `error` says "line 3: ...". */
int case_file_read(const char *path, struct case_file *f, char *error,
                   size_t error_size);
void case_file_release(struct case_file *f);

#endif
