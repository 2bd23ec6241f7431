/* libdcm/select.c: which events of a stream are passed on. Streams and
 * results are words, one event each:
 *
 *   D E                   DATASET, END
 *   ggggeeee              VALUE
 *   ggggeeee{  }          SEQ, SEQ_END
 *   [n  ]                 ITEM number n, ITEM_END
 *   ggggeeee<  *  >       FRAGS, FRAGMENT, FRAGS_END
 *   !                     DCM_ERR_TRUNCATED
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdcm/event.h"
#include "../libdcm/scope.h"

/* Plays a stream. Its scopes move at each step, as those of a reader may. */
struct player {
    struct dcm_source base;
    const char *p;
    unsigned depth;
    uint32_t seq[8], fragment;
    uint32_t tag;
    struct dcm_scope *scopes;
    uint64_t offset;
    struct dcm_error error;
};

static void fresh_scopes(struct player *p)
{
    free(p->scopes);
    p->scopes = calloc(9, sizeof *p->scopes);
    assert_non_null(p->scopes);
    for (unsigned i = 0; i < 9; i++)
        p->scopes[i].depth = i;
}

static enum dcm_status play(struct dcm_source *source, struct dcm_event *ev)
{
    struct player *p = (struct player *)source;
    char *end;

    while (*p->p == ' ')
        p->p++;
    fresh_scopes(p);
    memset(ev, 0, sizeof *ev);
    ev->source = source;
    ev->offset = ++p->offset;
    switch (*p->p) {
    case '\0':
        return DCM_DONE;
    case '!':
        p->error.code = DCM_ERR_TRUNCATED;
        return DCM_ERR_TRUNCATED;
    case 'D':
        ev->type = DCM_EVENT_DATASET;
        break;
    case 'E':
        ev->type = DCM_EVENT_END;
        break;
    case '}':
        ev->type = DCM_EVENT_SEQ_END;
        ev->tag = p->seq[p->depth];
        break;
    case '[':
        ev->type = DCM_EVENT_ITEM;
        ev->tag = p->seq[p->depth];
        ev->number = (uint32_t)strtoul(p->p + 1, &end, 10);
        p->p = end - 1;
        break;
    case ']':
        ev->type = DCM_EVENT_ITEM_END;
        ev->tag = p->seq[--p->depth];
        break;
    case '*':
        ev->type = DCM_EVENT_FRAGMENT;
        ev->tag = p->seq[p->depth];
        ev->number = ++p->fragment;
        break;
    case '>':
        ev->type = DCM_EVENT_FRAGS_END;
        ev->tag = p->seq[p->depth];
        break;
    default:
        ev->tag = (uint32_t)strtoul(p->p, &end, 16);
        p->p = end;
        ev->type = *end == '{'   ? DCM_EVENT_SEQ
                   : *end == '<' ? DCM_EVENT_FRAGS
                                 : DCM_EVENT_VALUE;
        p->fragment = 0;
        p->seq[p->depth] = ev->tag;
        p->tag = ev->tag;
        if (ev->type == DCM_EVENT_VALUE)
            p->p--;
    }
    ev->depth = p->depth;
    ev->scope = &p->scopes[p->depth];
    if (ev->type == DCM_EVENT_ITEM)
        p->depth++;
    p->p++;
    return DCM_OK;
}

/* The bytes of a value are its tag. */
static enum dcm_status read_tag(struct dcm_source *source, void *buffer,
                                size_t n, size_t *got)
{
    struct player *p = (struct player *)source;

    *got = n < sizeof p->tag ? n : sizeof p->tag;
    memcpy(buffer, &p->tag, *got);
    return DCM_OK;
}

static const struct dcm_error *player_error(const struct dcm_source *source)
{
    return &((const struct player *)source)->error;
}

static void player_init(struct player *p, const char *stream)
{
    memset(p, 0, sizeof *p);
    p->base.next = play;
    p->base.read = read_tag;
    p->base.error = player_error;
    p->p = stream;
}

static void check_value(const struct dcm_event *ev)
{
    uint32_t tag = 0;
    size_t got;

    assert_non_null(ev->source);
    assert_int_equal(dcm_event_read(ev, &tag, 4, &got), DCM_OK);
    if (ev->type == DCM_EVENT_VALUE) {
        assert_int_equal(got, 4);
        assert_int_equal(tag, ev->tag);
    }
}

/* The events of a source as a stream; the grammar is checked. */
static void write_stream(struct dcm_source *source, char *out)
{
    struct dcm_grammar g;
    struct dcm_event ev;
    enum dcm_status status;
    const char *start = out;

    dcm_grammar_init(&g);
    *out = '\0';
    while ((status = source->next(source, &ev)) == DCM_OK) {
        assert_int_equal(dcm_grammar_check(&g, &ev), 1);
        if (ev.scope) /* alive, and of the right level */
            assert_int_equal(ev.scope->depth, ev.depth);
        if (out > start)
            out += sprintf(out, " ");
        switch (ev.type) {
        case DCM_EVENT_VALUE:
            check_value(&ev);
            out += sprintf(out, "%08X", (unsigned)ev.tag);
            break;
        case DCM_EVENT_SEQ:
            out += sprintf(out, "%08X{", (unsigned)ev.tag);
            break;
        case DCM_EVENT_FRAGS:
            out += sprintf(out, "%08X<", (unsigned)ev.tag);
            break;
        case DCM_EVENT_ITEM:
            check_value(&ev);
            out += sprintf(out, "[%u", (unsigned)ev.number);
            break;
        default:
            out += sprintf(out, "%s",
                           ev.type == DCM_EVENT_DATASET     ? "D"
                           : ev.type == DCM_EVENT_ITEM_END  ? "]"
                           : ev.type == DCM_EVENT_SEQ_END   ? "}"
                           : ev.type == DCM_EVENT_FRAGMENT  ? "*"
                           : ev.type == DCM_EVENT_FRAGS_END ? ">"
                                                            : "E");
        }
    }
    if (status == DCM_ERR_TRUNCATED) {
        assert_int_equal(source->error(source)->code, status);
        strcat(out, " !");
    } else {
        assert_int_equal(status, DCM_DONE);
    }
    dcm_grammar_release(&g);
}

#define META "00020002 00020010 "
#define REPORT                                                             \
    "D 00080016 00080018 0040A730{ [1 0040A043{ [1 00080100 00080104 ] } " \
    "0040A160 ] [2 0040A043{ [1 00080100 ] [2 00080100 ] } ] [3 ] } "      \
    "00420010 E"
#define IMAGE \
    "D 00080016 00880200{ [1 00280010 7FE00010 ] } 7FE00010< * * > FFFCFFFC E"

struct row {
    const char *why;
    const char *paths[3];
    const char *stream, *want;
};

static void run(const struct row *row, const char *stream, const char *want,
                uint32_t until, int no_pixel)
{
    struct player p;
    struct dcm_select *s;
    char got[1024];

    player_init(&p, stream);
    s = dcm_select_new(&p.base);
    assert_non_null(s);
    for (int i = 0; row && i < 3 && row->paths[i]; i++)
        assert_int_equal(dcm_select_add(s, row->paths[i]), DCM_OK);
    if (until)
        dcm_select_until(s, until);
    if (no_pixel)
        dcm_select_no_pixel(s);
    for (int again = 0; again < 2; again++) { /* cleared, it is as new */
        write_stream(dcm_select_source(s), got);
        if (strcmp(got, want) != 0)
            fail_msg("%s: %s", row ? row->why : "", got);
        free(p.scopes);
        player_init(&p, stream);
        dcm_select_clear(s);
    }
    dcm_select_free(s);
}

static void paths_choose_attributes_and_what_is_around_them(void **state)
{
    static const struct row rows[] = {
        {"no path: everything", {NULL}, META REPORT, META REPORT},
        {"group 0002 is not asked for",
         {"SOPClassUID"},
         META REPORT,
         "D 00080016 E"},
        {"group 0002 by name",
         {"TransferSyntaxUID"},
         META REPORT,
         "00020010 D E"},
        {"two paths",
         {"00080016", "(0042,0010)"},
         REPORT,
         "D 00080016 00420010 E"},
        {"a tag that is not there", {"PatientName"}, REPORT, "D E"},
        {"a top level path does not reach into items",
         {"00080100"},
         REPORT,
         "D E"},
        {"a whole sequence, empty items too",
         {"ContentSequence"},
         REPORT,
         "D 0040A730{ [1 0040A043{ [1 00080100 00080104 ] } 0040A160 ] "
         "[2 0040A043{ [1 00080100 ] [2 00080100 ] } ] [3 ] } E"},
        {"one item, which keeps its number",
         {"0040A730[3]"},
         REPORT,
         "D 0040A730{ [3 ] } E"},
        {"an item that is not there leaves no empty sequence",
         {"0040A730[4]"},
         REPORT,
         "D E"},
        {"all items: those without it are left out",
         {"0040A730.0040A160"},
         REPORT,
         "D 0040A730{ [1 0040A160 ] } E"},
        {"an index in the middle",
         {"(0040,A730)[2].ConceptNameCodeSequence[2].CodeValue"},
         REPORT,
         "D 0040A730{ [2 0040A043{ [2 00080100 ] } ] } E"},
        {"at any level",
         {"**.CodeValue"},
         REPORT,
         "D 0040A730{ [1 0040A043{ [1 00080100 ] } ] "
         "[2 0040A043{ [1 00080100 ] [2 00080100 ] } ] } E"},
        {"at any level means the top too",
         {"**.00080018"},
         REPORT,
         "D 00080018 E"},
        {"steps after any level",
         {"**.0040A043[2].00080100"},
         REPORT,
         "D 0040A730{ [2 0040A043{ [2 00080100 ] } ] } E"},
        {"paths that overlap: the wider one counts",
         {"0040A730[2].0040A043.00080100", "0040A730[2]"},
         REPORT,
         "D 0040A730{ [2 0040A043{ [1 00080100 ] [2 00080100 ] } ] } E"},
        {"an item of the same tag inside itself",
         {"0040A730.0040A730.0040A160"},
         "D 0040A730{ [1 0040A160 0040A730{ [1 0040A160 ] } ] } E",
         "D 0040A730{ [1 0040A730{ [1 0040A160 ] } ] } E"},
        {"fragments come whole", {"PixelData"}, IMAGE, "D 7FE00010< * * > E"},
        {"a truncated stream is closed and says so",
         {"0040A730.0040A160"},
         "D 0040A730{ [1 0040A160 ] } !",
         "D 0040A730{ [1 0040A160 ] } !"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        run(&rows[i], rows[i].stream, rows[i].want, 0, 0);
}

static void until_ends_the_stream_at_the_top_level(void **state)
{
    static const struct row row = {"with a path", {"00080018"}, "", ""};

    (void)state;
    run(NULL, META REPORT, META "D 00080016 00080018 E", 0x00100000, 0);
    /* the tag itself is not passed; a lower one inside an item is no end */
    run(NULL, REPORT, "D 00080016 E", 0x00080018, 0);
    run(NULL, "D 00080016{ [1 7FE00010 ] } 00100010 E",
        "D 00080016{ [1 7FE00010 ] } E", 0x00100010, 0);
    /* group 0002 is no part of the data set */
    run(NULL, META REPORT, META "D E", 0x00020000, 0);
    run(&row, REPORT, "D 00080018 E", 0x0040A730, 0);
    /* higher than all: the end is the source's own */
    run(NULL, REPORT, REPORT, 0xFFFFFFFF, 0);
}

static void until_reads_no_further(void **state)
{
    struct player p;
    struct dcm_select *s;
    char got[256];

    (void)state;
    player_init(&p, "D 00080016 7FE00010< * * > E");
    s = dcm_select_new(&p.base);
    assert_non_null(s);
    dcm_select_until(s, 0x7FE00000);
    write_stream(dcm_select_source(s), got);
    assert_string_equal(got, "D 00080016 E");
    assert_string_equal(p.p, " * * > E");
    dcm_select_free(s);
    free(p.scopes);
}

static void no_pixel_leaves_pixel_data_out_at_every_level(void **state)
{
    static const struct row all = {"whole sequence", {"00880200"}, "", ""};
    static const struct row only = {"nothing left", {"PixelData"}, "", ""};

    (void)state;
    run(NULL, IMAGE, "D 00080016 00880200{ [1 00280010 ] } FFFCFFFC E", 0, 1);
    run(&all, IMAGE, "D 00880200{ [1 00280010 ] } E", 0, 1);
    run(&only, IMAGE, "D E", 0, 1);
    run(NULL, "D 7FE00001 7FE00008 7FE00009 7FE00010 7FE00011 E",
        "D 7FE00001 7FE00011 E", 0, 1);
}

static void paths_that_make_no_sense_are_refused(void **state)
{
    static const char *const paths[] = {
        "",
        ".",
        "PatientName.",
        ".PatientName",
        "NoSuchWord",
        "**.",
        "**",
        "*.PatientName",
        "0040A730[",
        "0040A730[]",
        "0040A730[0]",
        "0040A730[1",
        "0040A730[x]",
        "0040A730[-1]",
        "0040A730[1]x",
        "0040A730[1][2]",
        "[1]",
        "00100010..00100020",
        "0040A730[4294967296]",
        "0010001",
        "patientname",
    };
    struct player p;
    struct dcm_select *s;
    char got[256];

    (void)state;
    player_init(&p, "D 00100010 E");
    s = dcm_select_new(&p.base);
    assert_non_null(s);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (dcm_select_add(s, paths[i]) != DCM_ERR_ARGUMENT)
            fail_msg("accepted: %s", paths[i]);
    /* and leave nothing behind */
    write_stream(dcm_select_source(s), got);
    assert_string_equal(got, "D 00100010 E");
    dcm_select_free(s);
    free(p.scopes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_choose_attributes_and_what_is_around_them),
        cmocka_unit_test(until_ends_the_stream_at_the_top_level),
        cmocka_unit_test(until_reads_no_further),
        cmocka_unit_test(no_pixel_leaves_pixel_data_out_at_every_level),
        cmocka_unit_test(paths_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
