# Makes the table of public attributes (PS3.6 6 to 9, PS3.7 E) out of
# elements.tsv: LC_ALL=C awk -f gen-common.awk -f gen-elements.awk
#
# The rows stand in the order of their tags. They are found by tag through a
# hash table with open addressing, by keyword through a sorted index. Rows of
# repeating groups (60xx3000) are kept out of the hash table: they are looked
# at only when no exact row has the tag.

BEGIN {
    FS = "\t"
    rows = 0
    slots = 16384
    # Any odd numbers do; these give the shortest searches today.
    group_factor = 2287
    element_factor = 7
    # Rows 0 and 1 are for tags that PS3.5 describes by rule (7.2, 7.8.1);
    # no slot holds them, so that 0 means an empty slot.
    row("", "", "UL", "1", "", "Group Length", "")
    row("", "", "LO", "1", "", "Private Creator", "")
}

FNR == 1 {
    next
}

{
    if (NF != 6)
        fail("expected 6 columns, found " NF)
    if ($1 !~ /^[0-9A-F][0-9A-Fx]+$/ || length($1) != 8)
        fail("no tag: " $1)
    if (last != "" && ($1 "") <= (last ""))
        fail("tags out of order")
    if ($6 != "" && $6 != "RET")
        fail("column 6 is neither empty nor RET")
    last = $1 ""
    zeroed = mask = last
    gsub(/x/, "0", zeroed)
    gsub(/[0-9A-F]/, "F", mask)
    gsub(/x/, "0", mask)
    row(zeroed, mask, $2, $3, $4, $5, $6)
}

function row(tag, mask, vr, vm, keyword, name, retired)
{
    row_tag[rows] = tag == "" ? "00000000" : tag
    row_mask[rows] = mask
    row_vrs[rows] = vr_list(vr)
    row_vm[rows] = vm
    row_keyword[rows] = keyword
    row_name[rows] = name
    row_retired[rows] = retired != ""
    if (keyword != "") {
        if (keyword in row_of)
            fail("second row with the keyword " keyword)
        row_of[keyword] = rows
        keywords[++keyword_count] = keyword
    }
    rows++
}

function print_rows(    i)
{
    print "\nstatic const struct element elements[] = {"
    print "    /* tag, keyword, name, VM: offsets; VR list, retired */"
    for (i = 0; i < rows; i++)
        print "    {0x" row_tag[i] ", " text(row_keyword[i]) ", " \
            text(row_name[i]) ", " text(row_vm[i]) ", " row_vrs[i] ", " \
            row_retired[i] "},"
    print "};"
}

function print_patterns(    i)
{
    print "\nstatic const struct pattern element_patterns[] = {"
    for (i = 0; i < rows; i++)
        if (index(row_mask[i], "0"))
            print "    {0x" row_mask[i] ", 0x" row_tag[i] ", " i "},"
    print "};"
}

function print_slots(    i, h, probes, slot)
{
    for (i = 2; i < rows; i++) {
        if (index(row_mask[i], "0"))
            continue
        h = (hex(substr(row_tag[i], 1, 4)) * group_factor + \
             hex(substr(row_tag[i], 5, 4)) * element_factor) % slots
        probes = 1
        while ((h + 1) in slot) {
            h = (h + 1) % slots
            if (++probes > 16)
                fail("a search of over 16 steps: take other factors")
        }
        slot[h + 1] = i
    }
    print "\n#define ELEMENT_SLOT(tag) \\"
    print "    ((((tag) >> 16) * " group_factor "u + ((tag) & 0xFFFFu) * " \
        element_factor "u) & " (slots - 1) "u)"
    print "#define ELEMENT_SLOT_AFTER(slot) (((slot) + 1) & " (slots - 1) "u)"
    print_numbers("element_slots", slot, slots)
}

function print_keywords(    i, sorted)
{
    sort(keywords, keyword_count)
    for (i = 1; i <= keyword_count; i++)
        sorted[i] = row_of[keywords[i]]
    print_numbers("element_keywords", sorted, keyword_count)
}

END {
    if (failed)
        exit 1
    print_origin("gen-elements.awk", "dict/elements.tsv")
    # VMs first: their offsets must fit 16 bits.
    for (i = 0; i < rows; i++)
        text(row_vm[i])
    print "\nenum { ROW_GROUP_LENGTH = 0, ROW_PRIVATE_CREATOR = 1 };"
    print_vr_lists("element_vrs")
    print_rows()
    print_patterns()
    print_slots()
    print_keywords()
    print_pool("element_text")
}
