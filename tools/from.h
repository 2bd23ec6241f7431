/* --from: a command for DICOM files reads JSON or XML instead. The command's
 * sink stays what it is; an array in JSON gives it several documents. What is
 * in the text by reference stays so. */
#ifndef TOOL_FROM_H
#define TOOL_FROM_H

#include "source.h"

/* A row of a command's own table; the field is an int: enum tool_format. */
#define TOOL_FROM_ROW(at)                                                \
    {                                                                    \
        "from", 0, TOOL_CHOICE, (at), TOOL_DICOM, "dicom|json|xml", NULL \
    }

#define TOOL_HELP_FROM \
    "      --from FORMAT       of the input: dicom (default), json, xml\n"

/* When the options are complete, before anything else is done with them: puts
 * the way of that format into run->tool. 0: wrong usage, reason in `why`.
 *
 * `joins` says whether the data sets of an input, an array of any number or one
 * that stands alone, may follow each other in one output; it is asked for each
 * input, before anything is written, unless there is -d. NULL: they may not. */
int tool_from_prepare(struct tool_run *run, int format,
                      int (*joins)(struct tool_worker *w, int is_array),
                      char *why, size_t size);

#endif
