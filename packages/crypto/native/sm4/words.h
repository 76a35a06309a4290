/* Numbers and words with the most significant byte first, whatever the processor. */
#ifndef MENGLIAN_SM4_WORDS_H
#define MENGLIAN_SM4_WORDS_H

#include <stdint.h>
#include <string.h>

#define IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

static inline uint32_t read_word(const unsigned char *from) {
    uint32_t word;
    memcpy(&word, from, 4);
    return IS_LITTLE_ENDIAN ? __builtin_bswap32(word) : word;
}

static inline void write_word(unsigned char *to, uint32_t word) {
    if (IS_LITTLE_ENDIAN) word = __builtin_bswap32(word);
    memcpy(to, &word, 4);
}

static inline uint64_t read_number(const unsigned char *from) {
    return (uint64_t)read_word(from) << 32 | read_word(from + 4);
}

static inline void write_number(unsigned char *to, uint64_t number) {
    write_word(to, (uint32_t)(number >> 32));
    write_word(to + 4, (uint32_t)number);
}

#endif
