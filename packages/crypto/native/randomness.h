/* Bytes that nobody can guess, from the operating system. */
#ifndef MENGLIAN_RANDOMNESS_H
#define MENGLIAN_RANDOMNESS_H

#include <stddef.h>
#if defined(__linux__)
#include <errno.h>
#include <sys/random.h>
#elif defined(__APPLE__)
#include <sys/random.h>
#else
#error "no source of randomness is known for this system"
#endif

/** @return 1, or 0 when the system has none to give */
static int random_bytes(void *target, size_t length) {
    unsigned char *bytes = target;
    while (length > 0) {
        /* The most that getentropy gives and that getrandom gives without interruption. */
        size_t part = length < 256 ? length : 256;
#if defined(__linux__)
        ssize_t got = getrandom(bytes, part, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        part = (size_t)got;
#else
        if (getentropy(bytes, part) != 0) return 0;
#endif
        bytes += part;
        length -= part;
    }
    return 1;
}

#endif
