# What the three generators share: a pool of text, sorting, hexadecimal.
#
# Plain POSIX awk, run with LC_ALL=C so that length() counts bytes and < goes
# by bytes. A cell such as 0040E012 looks like a number to awk (40 times ten
# to the 12th); every comparison therefore says (x "") and so compares text.

function fail(why)
{
    print FILENAME ":" FNR ": " why | "cat 1>&2"
    close("cat 1>&2")
    failed = 1
    exit 1
}

# The offset of s in the pool; equal texts are kept once.
function text(s)
{
    s = s ""
    if (!(s in pool_offset)) {
        pool_offset[s] = pool_bytes + 0
        pool[++pool_count] = s
        pool_bytes += length(s) + 1
    }
    return pool_offset[s]
}

# As a C string literal. "?" is escaped because ?? begins a trigraph.
function quoted(s,    i, c, out)
{
    if (s !~ /[\\"?]/)
        return s
    out = ""
    for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c == "\\" || c == "\"" || c == "?")
            out = out "\\"
        out = out c
    }
    return out
}

# The pool as one array. The assertion would notice an awk that counts
# characters where bytes are meant.
function print_pool(name,    i)
{
    print "\nstatic const char " name "[] ="
    for (i = 1; i <= pool_count; i++)
        print "    \"" quoted(pool[i]) "\\0\""
    print "    ;"
    print "_Static_assert(sizeof(" name ") == " (pool_bytes + 1) \
        ", \"text of another length than its generator counted\");"
}

# Sorts a[1..n] by bytes: a merge sort, from runs of one upwards.
function sort(a, n,    width, low, middle, high, i, j, k, b)
{
    for (width = 1; width < n; width *= 2) {
        for (low = 1; low <= n; low += 2 * width) {
            middle = low + width
            high = middle + width
            if (middle > n + 1)
                middle = n + 1
            if (high > n + 1)
                high = n + 1
            i = low
            j = middle
            for (k = low; k < high; k++) {
                if (i < middle && (j >= high || (a[i] "") <= (a[j] "")))
                    b[k] = a[i++]
                else
                    b[k] = a[j++]
            }
        }
        for (k = 1; k <= n; k++)
            a[k] = b[k]
    }
}

function hex(s,    i, value)
{
    value = 0
    for (i = 1; i <= length(s); i++)
        value = value * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1
    return value
}

# The number of a list of VRs such as OB/OW in the table of such lists.
function vr_list(s)
{
    s = s ""
    if (s != "NONE" && s !~ /^[A-Z][A-Z](\/[A-Z][A-Z])?(\/[A-Z][A-Z])?$/)
        fail("no VR: " s)
    if (!(s in vrs_number)) {
        vrs_number[s] = vrs_count + 0
        vrs[vrs_count++] = s
    }
    return vrs_number[s]
}

# Each list as its length and the VRs.
function print_vr_lists(name,    i, j, n, part, line)
{
    print "\nstatic const uint16_t " name "[][4] = {"
    for (i = 0; i < vrs_count; i++) {
        n = vrs[i] == "NONE" ? 0 : split(vrs[i], part, "/")
        line = "    {" n
        for (j = 1; j <= n; j++)
            line = line ", DCM_VR('" substr(part[j], 1, 1) "', '" \
                substr(part[j], 2, 1) "')"
        print line "},"
    }
    print "};"
}

# numbers[1..n] as an array of uint16_t, ten a line.
function print_numbers(name, numbers, n,    i, line)
{
    print "\nstatic const uint16_t " name "[" n "] = {"
    line = "   "
    for (i = 1; i <= n; i++) {
        line = line " " (numbers[i] + 0) ","
        if (i % 10 == 0 || i == n) {
            print line
            line = "   "
        }
    }
    print "};"
}

function print_origin(script, files)
{
    print "/* Made by dict/" script " from " files ". Do not edit. */"
}
