#ifndef MENGLIAN_BYTE_RANGE_H
#define MENGLIAN_BYTE_RANGE_H

#include <stdint.h>

/** A message: where it begins and ends among the bytes. */
struct byte_range {
    uint32_t start;
    uint32_t end;
};

#endif
