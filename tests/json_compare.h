/* Test support: JSON (RFC 8259) as values that can be compared. Strict: what
 * the RFC does not allow is an error, and so is a name that comes twice. */
#ifndef JSON_COMPARE_H
#define JSON_COMPARE_H

#include <stddef.h>

struct json;

/* Reads one document of n bytes. NULL when it is none: `error` says why and
 * where (it may be NULL). The result is the caller's. */
struct json *json_parse(const char *text, size_t n, char *error, size_t size);
void json_free(struct json *j);

/* 1 if `got` and `want` are the same value. Numbers are equal when all their
 * digits are, whatever the spelling: 1.50 = 15e-1, but 0 and -0.0 differ.
 * With `part`, an object at the top may have members that `want` has not. If
 * not equal, `where` says at what path and what the two are there. */
int json_equal(const struct json *got, const struct json *want, int part,
               char *where, size_t size);

/* 1 if the names of every object whose names are all tags, eight hex digits,
 * are upper case and ascend (PS3.18 F.2.2); otherwise `where` names one. */
int json_tags_ascend(const struct json *j, char *where, size_t size);

#endif
