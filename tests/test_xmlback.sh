#!/bin/sh
# DICOM to XML and back, and the XML of other programs: of the fixtures here,
# and of a corpus of real files at $DCM_CORPUS or beside the source folder, if
# there is one. With the Python that has odil if one has, else with any.
# Without a Python 77: skipped.
top=${top_srcdir:-${srcdir:-.}}
corpus=${DCM_CORPUS:-$top/../shared/corpus}

find_python() {
    for name in "$PYTHON" python3; do
        old=$IFS; IFS=:
        for folder in $PATH; do
            p=$folder/$name
            case $name in
                '') continue ;;
                /*) p=$name ;;
            esac
            [ -x "$p" ] && "$p" -c "import $1" 2>/dev/null &&
                { IFS=$old; echo "$p"; return; }
        done
        IFS=$old
    done
}
python=$(find_python odil)
[ -n "$python" ] || python=$(find_python sys)
[ -n "$python" ] || { echo "no Python"; exit 77; }
exec "$python" -B "$top/tests/test_xmlback.py" "${top_builddir:-.}" "$top" \
    "$corpus" "$@"
