# Makes the table of UIDs out of uids.tsv (PS3.6 Annex A) and uids-extra.tsv,
# which have the same columns:
# LC_ALL=C awk -f gen-common.awk -f gen-uids.awk uids.tsv uids-extra.tsv
#
# The files are sorted by number, component by component; the table by bytes,
# for a binary search. Keywords have an index of their own.

BEGIN {
    FS = "\t"
}

FNR == 1 {
    next
}

{
    if (NF != 5)
        fail("expected 5 columns, found " NF)
    if ($1 !~ /^[0-2](\.[0-9]+)+$/ || $1 ~ /\.0[0-9]/ || length($1) > 64)
        fail("no UID: " $1)
    uid = $1 ""
    if (uid in name)
        fail("second row for " uid)
    if ($5 != "" && $5 != "RET")
        fail("column 5 is neither empty nor RET")
    uids[++count] = uid
    keyword[uid] = $2 ""
    name[uid] = $3 ""
    type[uid] = $4 ""
    retired[uid] = $5 != ""
    if ($2 != "") {
        if ($2 in uid_of)
            fail("second row with the keyword " $2)
        uid_of[$2] = uid
        keywords[++keyword_count] = $2 ""
    }
}

END {
    if (failed)
        exit 1
    print_origin("gen-uids.awk", "dict/uids.tsv and dict/uids-extra.tsv")
    sort(uids, count)
    sort(keywords, keyword_count)
    # Types first: their offsets must fit 16 bits.
    for (i = 1; i <= count; i++) {
        text(type[uids[i]])
        row_of[uids[i]] = i - 1
    }
    print "\nstatic const struct uid uids[] = {"
    print "    /* UID, keyword, name, type: offsets; retired */"
    for (i = 1; i <= count; i++) {
        uid = uids[i]
        print "    {" text(uid) ", " text(keyword[uid]) ", " \
            text(name[uid]) ", " text(type[uid]) ", " retired[uid] "},"
    }
    print "};"
    for (i = 1; i <= keyword_count; i++)
        sorted[i] = row_of[uid_of[keywords[i]]]
    print_numbers("uid_keywords", sorted, keyword_count)
    print_pool("uid_text")
}
