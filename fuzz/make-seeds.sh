#!/bin/sh
# usage: make-seeds.sh HEXD: assembles seeds/*.hexd into corpus/. The bytes
# before a file choose options; a seed is there with none and with some. The
# seeds of charset are lines of seeds/charset.txt: how, terms, text; those of
# json_in stand in seeds/json, of xml_in in seeds/xml, of image in seeds/image.
set -eu

hexd=$1
cd "$(dirname "$0")"

# seed TARGET NAME BYTES
seed()
{
    mkdir -p "corpus/$1"
    { printf "$3"; "$hexd" "seeds/$2.hexd"; } > "corpus/$1/$2"
}

for file in seeds/*.hexd; do
    name=$(basename "$file" .hexd)
    case $name in
    [a-e]*) reader='\000' json='\000\004' dump='\002' ;;
    [f-m]*) reader='\102' json='\170\001' dump='\320' ;;
    *) reader='\206' json='\072\044' dump='\204' ;;
    esac
    seed reader "$name" "$reader"
    seed json "$name" "$json"
    seed xml "$name" "$json"
    seed dump "$name" "$dump"
done

mkdir -p corpus/charset
grep -v '^#' seeds/charset.txt | while IFS='|' read -r name how terms text; do
    printf "$how$terms\n$text" > "corpus/charset/$name"
done

# texts FORMAT: each with options that fit most
texts()
{
    mkdir -p "corpus/$1_in"
    for file in seeds/"$1"/*."$1"; do
        name=$(basename "$file" ".$1")
        { printf '\000'; cat "$file"; } > "corpus/$1_in/$name"
        { printf '\032'; cat "$file"; } > "corpus/$1_in/$name-bulk"
        { printf '\144'; cat "$file"; } > "corpus/$1_in/$name-implicit"
    done
}
texts json
texts xml

mkdir -p corpus/image
for file in seeds/image/*.hexd; do
    name=$(basename "$file" .hexd)
    { printf '\001'; "$hexd" "$file"; } > "corpus/image/$name"
done
