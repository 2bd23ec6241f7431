/* Language. Bulk data in XML (PS3.19 A.1.5): a BulkData element with the URI
 * of a value that is somewhere else. It may stand for any value that is not
 * empty. Knows nothing of which values are bulk. */
#include "bulk.h"
#include "xml_values.h"

static enum dcm_status fail(struct dcm_xml_values *v, enum dcm_status code,
                            const struct dcm_event *ev, const char *what)
{
    char path[sizeof(v->c.error->path)];

    dcm_event_path(ev, path, sizeof(path));
    return dcm_error_fill(v->c.error, code, ev->offset, path, "%s", what);
}

static void put_element(struct dcm_xml_values *v, const char *uri, size_t n)
{
    DCM_XML_PUT(v->c.output, "><BulkData uri=\"");
    dcm_xml_put_uri(v->c.output, uri, n);
    DCM_XML_PUT(v->c.output, "\"/>");
    v->open = 1;
}

enum dcm_status dcm_xml_bulk_put(struct dcm_xml_values *v,
                                 const struct dcm_bulk_wish *wish,
                                 const struct dcm_event *ev)
{
    uint8_t *piece = dcm_content_piece(&v->c);
    size_t n;

    if (wish->how == DCM_BULK_OMIT)
        return DCM_OK;
    if (!piece)
        return fail(v, DCM_ERR_MEMORY, ev, "no memory for a URI");
    n = dcm_bulk_uri(wish, ev, (char *)piece, DCM_CONTENT_PIECE);
    if (n > DCM_CONTENT_PIECE)
        return fail(v, DCM_ERR_WRITE, ev, "no URI for bulk data");
    put_element(v, (const char *)piece, n);
    return DCM_OK;
}

enum dcm_status dcm_xml_large_text_put(struct dcm_xml_values *v,
                                       const struct dcm_bulk_wish *wish,
                                       const struct dcm_event *ev)
{
    if (wish->how != DCM_BULK_INLINE)
        return dcm_xml_bulk_put(v, wish, ev);
    return fail(v, DCM_ERR_LIMIT, ev,
                "text is longer than the limit 'value'; raise it with "
                "--limit");
}

enum dcm_status dcm_xml_reference_put(struct dcm_xml_values *v,
                                      const struct dcm_event *ev)
{
    if (!ev->data)
        return fail(v, DCM_ERR_LIMIT, ev, "URI of more than 64 KiB");
    put_element(v, (const char *)ev->data, (size_t)ev->size);
    return DCM_OK;
}
