/* Language. The forms of text values, one row of a table each (PS3.5 Table
 * 6.2-1): what characters, how long, and the grammar of dates, times, numbers
 * and UIDs. Knows nothing of bytes, padding or where a value goes. */
#include "dataset_forms.h"
#include "number.h"

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number in n digits, or -1. */
static int digits(const char *s, size_t n)
{
    int v = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

static int in_range(const char *s, size_t n, int low, int high)
{
    int v = digits(s, n);

    return v >= low && v <= high;
}

static int is_printable(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < 0x20 || s[i] > 0x7E)
            return 0;
    return 1;
}

/* All spaces would be no title at all. */
static int is_title(const char *s, size_t n)
{
    size_t spaces = 0;

    while (spaces < n && s[spaces] == ' ')
        spaces++;
    return is_printable(s, n) && spaces < n;
}

static int is_age(const char *s, size_t n)
{
    return n == 4 && digits(s, 3) >= 0 &&
           (s[3] == 'D' || s[3] == 'W' || s[3] == 'M' || s[3] == 'Y');
}

static int is_code(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_digit(s[i]) && !(s[i] >= 'A' && s[i] <= 'Z') && s[i] != ' ' &&
            s[i] != '_')
            return 0;
    return 1;
}

static int days_of(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static int is_date(const char *s, size_t n)
{
    return n == 8 && digits(s, 4) >= 0 && in_range(s + 4, 2, 1, 12) &&
           in_range(s + 6, 2, 1, days_of(digits(s, 4), digits(s + 4, 2)));
}

/* time -> HH [ MM [ SS [ "." 1 to 6 digits ] ] ]; 60 is a leap second. */
static int is_time(const char *s, size_t n)
{
    if (n < 2 || !in_range(s, 2, 0, 23))
        return 0;
    if (n == 2)
        return 1;
    if (n < 4 || !in_range(s + 2, 2, 0, 59))
        return 0;
    if (n == 4)
        return 1;
    if (n < 6 || !in_range(s + 4, 2, 0, 60))
        return 0;
    return n == 6 ||
           (n >= 8 && n <= 13 && s[6] == '.' && digits(s + 7, n - 7) >= 0);
}

/* zone -> ( "+" | "-" ) HHMM, from -1200 to +1400 */
static int is_zone(const char *s, size_t n)
{
    int hours;

    if (n != 5 || (s[0] != '+' && s[0] != '-') || !in_range(s + 3, 2, 0, 59))
        return 0;
    hours = digits(s + 1, 4);
    if (s[0] == '-')
        return hours > 0 && hours <= 1200;
    return hours >= 0 && hours <= 1400;
}

/* date-time -> YYYY [ MM [ DD [ time ] ] ] [ zone ] */
static int is_date_time(const char *s, size_t n)
{
    size_t zone = 0;

    while (zone < n && s[zone] != '+' && s[zone] != '-')
        zone++;
    if (zone < n && !is_zone(s + zone, n - zone))
        return 0;
    n = zone;
    if (n < 4 || digits(s, 4) < 0)
        return 0;
    if (n <= 6)
        return n == 4 || (n == 6 && in_range(s + 4, 2, 1, 12));
    return n >= 8 && is_date(s, 8) && (n == 8 || is_time(s + 8, n - 8));
}

static int is_decimal(const char *s, size_t n)
{
    char out[20];

    return n <= 16 && dcm_number_ds(out, s, n, 0) != 0;
}

static int is_integer(const char *s, size_t n)
{
    char out[16];

    return n <= 12 && dcm_number_is(out, s, n, 0) != 0;
}

/* uid -> number { "." number }, no zero before another digit (PS3.5 9.1) */
static int is_uid(const char *s, size_t n)
{
    size_t start = 0;

    for (size_t i = 0; i <= n; i++) {
        if (i < n && s[i] != '.') {
            if (!is_digit(s[i]))
                return 0;
            continue;
        }
        if (i == start || (s[start] == '0' && i > start + 1))
            return 0;
        start = i + 1;
    }
    return 1;
}

static int is_uri(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] <= 0x20 || s[i] > 0x7E || s[i] == '\\')
            return 0;
    return 1;
}

/* Characters, not bytes: all but the bytes 80-BF begin one. */
static size_t characters(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((uint8_t)s[i] & 0xC0) != 0x80;
    return count;
}

/* name -> group { "=" group }, at most 3; group -> component { "^" component
 * }, at most 5, of 64 characters in all (PS3.5 6.2.1) */
static int is_name(const char *s, size_t n)
{
    size_t start = 0, groups = 1, carets = 0;

    for (size_t i = 0; i <= n; i++) {
        carets += i < n && s[i] == '^';
        if (i < n && s[i] != '=')
            continue;
        if (carets > 4 || groups > 3 || characters(s + start, i - start) > 64)
            return 0;
        start = i + 1;
        carets = 0;
        groups += i < n;
    }
    return 1;
}

static const struct form {
    uint16_t vr;
    int (*fits)(const char *s, size_t n);
    const char *wants;
} forms[] = {
    {VR_AE, is_title, "1 to 16 printable characters, not only spaces"},
    {VR_AS, is_age, "nnnD, nnnW, nnnM or nnnY"},
    {VR_CS, is_code, "capital letters, digits, space and _"},
    {VR_DA, is_date, "YYYYMMDD"},
    {VR_DS, is_decimal, "a decimal number of at most 16 characters"},
    {VR_DT, is_date_time, "YYYYMMDDHHMMSS.FFFFFF&ZZXX or a beginning of it"},
    {VR_IS, is_integer, "an integer from -2147483648 to 2147483647"},
    {VR_PN, is_name, "at most 3 groups of 5 components, 64 characters each"},
    {VR_TM, is_time, "HHMMSS.FFFFFF or a beginning of it"},
    {VR_UI, is_uid, "numbers joined by dots, without leading zeros"},
    {VR_UR, is_uri, "a URI: printable, without spaces"},
};

const char *dcm_form_check(const struct dcm_vr *vr, const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i].vr == vr->code && !forms[i].fits(s, n))
            return forms[i].wants;
    if (vr->code != VR_PN && vr->max && characters(s, n) > vr->max)
        return "not so many characters";
    return (const char *)0;
}
