/* Tables. Every deviation that has a reading: its name, the section it
 * departs from, and what lenient reading does. Knows nothing of policy. */
#ifndef DCM_ISSUE_H
#define DCM_ISSUE_H

#include "dcm.h"

/*  X(id, name, section, what is read) */
#define DCM_ISSUES(X)                                                         \
    X(NO_PREAMBLE, "no-preamble", "PS3.10 7.1",                               \
      "no preamble or DICM prefix: the encoding is found from the content")   \
    X(NO_META, "no-meta", "PS3.10 7.1", "no File Meta Information")           \
    X(META_LENGTH, "meta-length", "PS3.10 7.1",                               \
      "(0002,0000) is wrong: group 0002 is read to its end")                  \
    X(META_IMPLICIT, "meta-implicit", "PS3.10 7.1",                           \
      "File Meta Information without VRs")                                    \
    X(META_ORDER, "meta-order", "PS3.10 7.1",                                 \
      "File Meta Information repeats or disorders elements")                  \
    X(NO_SYNTAX, "no-transfer-syntax", "PS3.10 7.1",                          \
      "Transfer Syntax UID missing: found from the content")                  \
    X(UNKNOWN_SYNTAX, "unknown-transfer-syntax", "PS3.5 10",                  \
      "Transfer Syntax UID not known: found from the content")                \
    X(WRONG_SYNTAX, "wrong-transfer-syntax", "PS3.5 7.1",                     \
      "content is not in the transfer syntax stated: read as it is")          \
    X(SYNTAX_PADDING, "uid-padding", "PS3.5 9.1", "UID not padded with NUL")  \
    X(ZLIB_HEADER, "zlib-header", "PS3.5 A.5",                                \
      "deflated data set in a zlib wrapper")                                  \
    X(NOT_DEFLATED, "not-deflated", "PS3.5 A.5",                              \
      "data set said to be deflated is not")                                  \
    X(AFTER_DEFLATE, "after-deflate", "PS3.5 A.5",                            \
      "bytes after the deflate stream are left out")                          \
    X(ODD_LENGTH, "odd-length", "PS3.5 7.1.1",                                \
      "value of odd length, read as it is")                                   \
    X(UNIT_LENGTH, "unit-length", "PS3.5 6.2",                                \
      "value is no multiple of its VR's size; left-over bytes are dropped")   \
    X(UNKNOWN_VR, "unknown-vr", "PS3.5 7.1.2", "unknown VR, read as UN")      \
    X(BAD_VR, "bad-vr", "PS3.5 7.1.2",                                        \
      "VR is not two capital letters; read as UN, the length form guessed")   \
    X(HEADER_FORM, "header-form", "PS3.5 7.1.2",                              \
      "length field of the wrong size for its VR, the right one guessed")     \
    X(VR_MISMATCH, "vr-mismatch", "PS3.6 6",                                  \
      "VR has no such structure: the value is read another way")              \
    X(AMBIGUOUS_VR, "ambiguous-vr", "PS3.5 A.1",                              \
      "US or SS without Pixel Representation at hand: taken as US")           \
    X(OUT_OF_ORDER, "out-of-order", "PS3.5 7.1", "tags do not ascend")        \
    X(DUPLICATE_TAG, "duplicate-tag", "PS3.5 7.1",                            \
      "tag repeated: the first is kept")                                      \
    X(GROUP_LENGTH, "group-length", "PS3.5 7.2",                              \
      "Group Length of a form it cannot have, left out")                      \
    X(COMMAND_GROUP, "command-group", "PS3.10 7.2",                           \
      "group 0000 in a file, left out")                                       \
    X(META_IN_DATASET, "meta-in-data-set", "PS3.10 7.1",                      \
      "group 0002 in the data set, left out")                                 \
    X(ZERO_FILL, "zero-fill", "PS3.10 7.2",                                   \
      "zero bytes after the data set are left out")                           \
    X(TRAILING, "trailing-bytes", "PS3.10 7.2",                               \
      "bytes after the data set are left out")                                \
    X(STRAY_DELIMITER, "stray-delimiter", "PS3.5 7.5",                        \
      "delimiter outside a sequence, left out")                               \
    X(STRAY_ITEM, "stray-item", "PS3.5 7.5", "item tag outside a sequence")   \
    X(DELIMITER_LENGTH, "delimiter-length", "PS3.5 7.5",                      \
      "delimiter with a length, taken as 0")                                  \
    X(ITEM_LENGTH, "item-length", "PS3.5 7.5.1",                              \
      "item length does not fit, the item ends where its content does")       \
    X(SEQ_LENGTH, "sequence-length", "PS3.5 7.5.2",                           \
      "sequence length does not fit, it ends where its items do")             \
    X(NO_ITEM_DELIMITER, "no-item-delimiter", "PS3.5 7.5.1",                  \
      "Item Delimitation Item missing")                                       \
    X(NO_SEQ_DELIMITER, "no-sequence-delimiter", "PS3.5 7.5.2",               \
      "Sequence Delimitation Item missing")                                   \
    X(UN_EXPLICIT, "explicit-in-un", "PS3.5 6.2.2",                           \
      "UN of undefined length holds explicit VR items")                       \
    X(ITEM_ENCODING, "item-encoding", "PS3.5 7.1",                            \
      "sequence content is in another encoding than the data set")            \
    X(ENCAPSULATED, "encapsulated-native", "PS3.5 A.4",                       \
      "encapsulated value where the transfer syntax has none")                \
    X(NATIVE, "native-encapsulated", "PS3.5 A.4",                             \
      "native Pixel Data in an encapsulated transfer syntax")                 \
    X(FRAGMENT, "fragment", "PS3.5 A.4", "fragments not as they should be")   \
    X(PIXEL_LENGTH, "pixel-length", "PS3.5 8.1.1",                            \
      "Pixel Data is not as long as its description asks")                    \
    X(CHARSET_TERM, "charset-term", "PS3.3 C.12.1.1.2",                       \
      "character set term misspelt, the one meant is used")                   \
    X(CHARSET_UNKNOWN, "charset-unknown", "PS3.3 C.12.1.1.2",                 \
      "character set term unknown, treated as absent")                        \
    X(CHARSET_MIX, "charset-mix", "PS3.3 C.12.1.1.2",                         \
      "terms that do not go together, or more than there are")                \
    X(CHARSET_SUPPORT, "charset-support", "PS3.5 6.1",                        \
      "this system's iconv lacks the character set")                          \
    X(TEXT_UNDECLARED, "text-undeclared", "PS3.5 6.1.2.1",                    \
      "bytes over 7F without a character set: UTF-8 or windows-1252")         \
    X(TEXT_INVALID, "text-invalid", "PS3.5 6.1.2",                            \
      "bytes not in the character set, replaced by U+FFFD")                   \
    X(TEXT_OTHER_SET, "text-other-set", "PS3.5 6.1.2",                        \
      "bytes of another character set than the one stated, read as meant")    \
    X(TEXT_ESCAPE, "text-escape", "PS3.5 6.1.2.5",                            \
      "escape sequence not declared or not known")                            \
    X(TEXT_NO_ESCAPE, "text-no-escape", "PS3.5 6.1.2.5",                      \
      "escape sequence missing, the set before is used")                      \
    X(TEXT_CONTROL, "text-control", "PS3.5 6.1.3",                            \
      "control character that the VR does not allow")                         \
    X(TEXT_LENGTH, "text-length", "PS3.5 6.2",                                \
      "value longer than its VR allows, kept whole")                          \
    X(NUMBER_FORM, "number-form", "PS3.5 6.2",                                \
      "not a number of its VR, written as a string")                          \
    X(NUMBER_SPECIAL, "number-special", "PS3.18 F.2.3",                       \
      "NaN or infinity, written as a string")                                 \
    X(PN_GROUPS, "name-groups", "PS3.5 6.2.1",                                \
      "more than three component groups, the rest is left out")               \
    X(UNSORTED, "unsorted-output", "PS3.18 F.2.2",                            \
      "too much came before to put this member in its place")                 \
    X(KEY_CASE, "key-case", "PS3.18 F.2.2",                                   \
      "lower case digits in a tag of JSON or XML")                            \
    X(KEY_ORDER, "key-order", "PS3.18 F.2.2",                                 \
      "attributes of JSON or XML not in the order of tags: sorted")           \
    X(KEY_REPEATED, "key-repeated", "PS3.18 F.2.2",                           \
      "attribute repeated: in JSON the last counts, in XML the first")        \
    X(KEY_UNKNOWN, "key-unknown", "PS3.18 F.2.2",                             \
      "member or element that the model does not have, left out")             \
    X(VR_MISSING, "vr-missing", "PS3.18 F.2.2",                               \
      "no VR in JSON or XML: that of the dictionary")                         \
    X(VR_OTHER, "vr-other", "PS3.6 6",                                        \
      "VR in JSON or XML is not the dictionary's, kept")                      \
    X(VALUE_ARRAY, "value-array", "PS3.18 F.2.4",                             \
      "Value is no array, or InlineBinary is one: its content taken")         \
    X(VALUE_FORM, "value-form", "PS3.5 6.2",                                  \
      "text is not of its VR's form, kept")                                   \
    X(VALUE_BACKSLASH, "value-backslash", "PS3.5 6.4",                        \
      "backslash in one of several values: it separates two")                 \
    X(VALUE_NUL, "value-nul", "PS3.5 6.1.3",                                  \
      "NUL in text, written as a space")                                      \
    X(NUMBER_LONG, "number-long", "PS3.5 6.2",                                \
      "number has too many digits for its VR: rounded")                       \
    X(NUMBER_TEXT, "number-text", "PS3.18 F.2.3",                             \
      "string where a number belongs, read as one")                           \
    X(NAME_TEXT, "name-text", "PS3.18 F.2.2",                                 \
      "person name as a string, taken as it is")                              \
    X(BASE64_SPACE, "base64-space", "PS3.18 F.2.7",                           \
      "white space in base64, left out")                                      \
    X(BINARY_VR, "binary-vr", "PS3.18 F.2.2",                                 \
      "bytes in line or by reference for a VR that may not have them")        \
    X(PRIVATE_BLOCK, "private-block", "PS3.5 7.8.1",                          \
      "private element without a creator that reserves its block")            \
    X(IMAGE_AFTER, "image-after-end", "PS3.5 8.2",                            \
      "bytes after the end of an image are left out")                         \
    X(IMAGE_END, "image-no-end", "PS3.5 8.2",                                 \
      "image without its end marker, which is put behind it")                 \
    X(IMAGE_MARKER, "image-marker", "PS3.5 8.2",                              \
      "markers or boxes of an image not as they should be")                   \
    X(IMAGE_COLOR, "image-color", "PS3.3 C.7.6.3.1.2",                        \
      "an image's markers disagree about its colors")                         \
    X(IMAGE_TURNED, "image-turned", "PS3.3 C.7.6.1",                          \
      "EXIF asks to turn the image, which DICOM readers don't")               \
    X(IMAGE_VALUE, "image-value", "PS3.3 C.7.6.3",                            \
      "attribute does not agree with the image")                              \
    X(LONG_VALUE, "long-value", "PS3.5 6.2.2",                                \
      "value too long for the length field of its VR: written as UN")         \
    X(XML_CHARACTER, "xml-character", "XML 1.0 2.2",                          \
      "character that XML does not have, replaced by U+FFFD")                 \
    X(PN_COMPONENTS, "name-components", "PS3.5 6.2.1",                        \
      "more than five components, the rest stays in the last")

enum {
    DCM_ISSUE_NONE,
#define X(id, name, section, help) DCM_ISSUE_##id,
    DCM_ISSUES(X)
#undef X
    DCM_ISSUE_COUNT
};

#endif
