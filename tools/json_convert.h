/* What json2dcm asks for, and what it does with one input: json_convert.c. */
#ifndef TOOL_JSON_CONVERT_H
#define TOOL_JSON_CONVERT_H

#include "compose.h"
#include "fetch.h"

struct tool_json_options {
    struct tool_options common; /* first */
    struct tool_compose_options compose;
    struct tool_fetch_options fetch;
    uint64_t index; /* of the data set in an array, from 1; 0: all */
    int binary_numbers;
};

/* Calls of a struct tool. */
int tool_json_open(struct tool_worker *w);
void tool_json_close(struct tool_worker *w);
enum dcm_status tool_json_start(struct tool_worker *w, struct dcm_error *error);
enum dcm_status tool_json_convert(struct tool_worker *w,
                                  struct dcm_error *error);

#endif
