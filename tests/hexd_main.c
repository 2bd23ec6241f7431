/* hexd FILE: assembles FILE and writes the bytes to standard output. */
#include "hexd.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct hexd_buffer out = {0};
    char error[200];
    int failed;

    if (argc != 2) {
        fputs("usage: hexd FILE > BYTES\n", stderr);
        return 2;
    }
    if (!hexd_assemble_file(argv[1], &out, error, sizeof error)) {
        fprintf(stderr, "hexd: %s: %s\n", argv[1], error);
        hexd_buffer_release(&out);
        return 1;
    }
    failed = out.size && fwrite(out.data, 1, out.size, stdout) != out.size;
    failed |= fclose(stdout) != 0;
    hexd_buffer_release(&out);
    if (failed)
        perror("hexd: standard output");
    return failed;
}
