/* The main of a fuzz target where there is no fuzzer: runs it once over each
 * file named, and over each file in each folder named. Words that begin with
 * '-' are options of libFuzzer and mean nothing here. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned runs;

/* The bytes are in memory of just their size, so that reading past them is
 * seen by a sanitizer. */
static int replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);
    int ok = file && data && fread(data, 1, size, file) == size;

    if (file)
        fclose(file);
    if (ok) {
        LLVMFuzzerTestOneInput(data, size);
        runs++;
    } else {
        fprintf(stderr, "replay: %s: cannot be read\n", path);
    }
    free(data);
    return ok;
}

static int replay(const char *path, int is_top);

static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int ok = folder != NULL;

    while (ok && (entry = readdir(folder))) {
        char name[4096];
        int n;
        if (entry->d_name[0] == '.')
            continue;
        n = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        ok = n > 0 && (size_t)n < sizeof name && replay(name, 0);
    }
    if (folder)
        closedir(folder);
    return ok;
}

/* A folder in a folder is left alone. */
static int replay(const char *path, int is_top)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        perror(path);
        return 0;
    }
    if (S_ISDIR(st.st_mode))
        return is_top ? replay_folder(path) : 1;
    return replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
    int i, ok = 1;

    for (i = 1; i < argc; i++)
        if (argv[i][0] != '-')
            ok &= replay(argv[i], 1);
    printf("%u inputs\n", runs);
    return !ok;
}
