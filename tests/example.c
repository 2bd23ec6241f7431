/* Prints the patient's name and the modality of a DICOM file. */
#include <libdcm/dcm.h>
#include <stdio.h>

static void print_values(const char *label, struct dcm_text *text,
                         const struct dcm_event *event)
{
    const char *value;
    size_t length;

    dcm_text_open(text, event);
    while (dcm_text_next(text, &value, &length))
        printf("%s: %.*s\n", label, (int)length, value);
}

int main(int argc, char **argv)
{
    struct dcm_error error = {0};
    struct dcm_input *input = NULL;
    struct dcm_reader *reader = dcm_reader_new(NULL);
    struct dcm_text *text = dcm_text_new();
    struct dcm_event event;
    enum dcm_status status = DCM_ERR_MEMORY;

    if (argc != 2) {
        fprintf(stderr, "usage: example FILE\n");
        return 2;
    }
    if (reader && text && (input = dcm_input_file(argv[1], &error))) {
        dcm_reader_open(reader, input);
        while ((status = dcm_reader_next(reader, &event)) == DCM_OK) {
            if (event.type != DCM_EVENT_VALUE || event.depth > 0)
                continue;
            if (event.tag == DCM_TAG(0x0010, 0x0010))
                print_values("patient", text, &event);
            else if (event.tag == DCM_TAG(0x0008, 0x0060))
                print_values("modality", text, &event);
        }
        if (status != DCM_DONE)
            error = *dcm_reader_error(reader);
    }
    if (status != DCM_DONE)
        fprintf(stderr, "%s: %s\n", argv[1], error.message);
    dcm_input_free(input);
    dcm_text_free(text);
    dcm_reader_free(reader);
    return status == DCM_DONE ? 0 : 1;
}
