/* Use. Joins any source to any sink. Knows nothing of either but the calls
 * in dcm.h. With DCM_DEBUG defined it asks of each event that it obeys the
 * grammar there. */
#include "error.h"
#include "event.h"

#include <assert.h>
#include <string.h>

/* Copies the details that one side has of its failure, or makes some. */
static enum dcm_status failed(struct dcm_error *error, enum dcm_status status,
                              const struct dcm_error *details)
{
    if (!error)
        return status;
    if (details && details->code == status)
        *error = *details;
    else
        dcm_error_fill(error, status, DCM_NO_OFFSET, "", "%s",
                       dcm_status_name(status));
    return status;
}

enum dcm_status dcm_pump(struct dcm_source *source, struct dcm_sink *sink,
                         struct dcm_error *error)
{
    struct dcm_event ev;
    enum dcm_status status;
#ifdef DCM_DEBUG
    struct dcm_grammar grammar;

    dcm_grammar_init(&grammar);
#endif
    if (error)
        memset(error, 0, sizeof *error);
    while ((status = source->next(source, &ev)) == DCM_OK) {
#ifdef DCM_DEBUG
        assert(dcm_grammar_check(&grammar, &ev));
#endif
        status = sink->put(sink, &ev);
        if (status != DCM_OK) {
            failed(error, status, sink->error ? sink->error(sink) : NULL);
            goto out;
        }
    }
    if (status == DCM_DONE)
        status = DCM_OK;
    else
        failed(error, status, source->error ? source->error(source) : NULL);
out:
#ifdef DCM_DEBUG
    dcm_grammar_release(&grammar);
#endif
    return status;
}
