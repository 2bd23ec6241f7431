#!/bin/sh
# Compares dcm2json with pydicom on a corpus of real files, if both are there:
# the corpus at $DCM_CORPUS or beside the source folder, and a Python that has
# pydicom. Otherwise 77: skipped.
top=${top_srcdir:-${srcdir:-.}}
corpus=${DCM_CORPUS:-$top/../shared/corpus}
tool=${DCM2JSON:-${top_builddir:-.}/dcm2json}

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
exec "$python" "$top/tests/test_corpus.py" "$tool" "$corpus" "$@"
