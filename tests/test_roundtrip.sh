#!/bin/sh
# Writes a corpus of real files with dcmconv and compares, if all is there:
# the corpus at $DCM_CORPUS or beside the source folder, and a Python that has
# pydicom. Otherwise 77: skipped.
top=${top_srcdir:-${srcdir:-.}}
corpus=${DCM_CORPUS:-$top/../shared/corpus}
tool=${DCMCONV:-${top_builddir:-.}/dcmconv}

[ -f "$corpus/manifest.tsv" ] || { echo "no corpus in $corpus"; exit 77; }
[ -x "$tool" ] || { echo "no $tool"; exit 77; }

find_python() {
    for name in "$PYTHON" python3; do
        old=$IFS; IFS=:
        for folder in $PATH; do
            p=$folder/$name
            case $name in
                '') continue ;;
                /*) p=$name ;;
            esac
            [ -x "$p" ] && "$p" -c 'import pydicom' 2>/dev/null &&
                { IFS=$old; echo "$p"; return; }
        done
        IFS=$old
    done
}
python=$(find_python)
[ -n "$python" ] || { echo "no Python with pydicom"; exit 77; }
exec "$python" "$top/tests/test_roundtrip.py" "$tool" "$corpus" "$@"
