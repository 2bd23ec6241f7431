# Makes the table of private attributes out of private.tsv:
# LC_ALL=C awk -f gen-common.awk -f gen-private.awk private.tsv
#
# A row is found by its creator, then by its key: the tag with every x made 0.
# The keys of the three forms cannot meet, so one sorted list serves them all:
#   00191005  fixed          the block, 10 to FF, is in the key
#   0019xx05  any block      00190005: no private element has block 00
#   60xxxx05  any odd group  60000005: no private element has an even group

BEGIN {
    FS = "\t"
}

FNR == 1 {
    next
}

{
    if (NF != 5)
        fail("expected 5 columns, found " NF)
    # Fixed or any block of an odd group; any odd group at all.
    if ($2 !~ /^[0-9A-F]+[13579BDF](xx|[1-9A-F][0-9A-F])[0-9A-F][0-9A-F]$/ &&
        $2 !~ /^[0-9A-F][0-9A-F]xxxx[0-9A-F][0-9A-F]$/ || length($2) != 8)
        fail("no private tag: " $2)
    tag = $2 ""
    gsub(/x/, "0", tag)
    # Byte 1 is below all that a creator may hold: order by creator, then tag.
    key = $1 "\001" tag
    if (key in name)
        fail("second row for " $1 " " $2)
    keys[++count] = key
    name[key] = $5 ""
    vm[key] = $4 ""
    list[key] = vr_list($3)
}

END {
    if (failed)
        exit 1
    print_origin("gen-private.awk", "dict/private.tsv")
    sort(keys, count)
    # VMs first: their offsets must fit 16 bits.
    for (i = 1; i <= count; i++)
        text(vm[keys[i]])
    print_vr_lists("private_vrs")
    print "\nstatic const struct private_element private_elements[] = {"
    print "    /* key, name, VM: offsets; VR list */"
    for (i = 1; i <= count; i++) {
        split(keys[i], part, "\001")
        print "    {0x" part[2] ", " text(name[keys[i]]) ", " \
            text(vm[keys[i]]) ", " list[keys[i]] "},"
        if (i == 1 || (part[1] "") != (creators[creator_count] "")) {
            creators[++creator_count] = part[1]
            first[creator_count] = i - 1
        }
    }
    first[creator_count + 1] = count
    print "};"
    print "\nstatic const struct creator creators[] = {"
    print "    /* name: an offset; first row, rows */"
    for (i = 1; i <= creator_count; i++)
        print "    {" text(creators[i]) ", " first[i] ", " \
            (first[i + 1] - first[i]) "},"
    print "};"
    print_pool("private_text")
}
