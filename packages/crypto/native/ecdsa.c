#include "ecdsa.h"

#include "curve.h"
#include "bulk.h"

/** For signing; never written after ecdsa_setup. */
static secp256k1_context *context;

int ecdsa_setup(void) {
    unsigned char seed[32];
    compute_tables();
    ecdsa_use_vectors(1);
    context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    if (context == NULL) return 0;
    /* Blinds signing against those who watch its power or timing; the signatures are the same. */
    return random_bytes(seed, sizeof(seed)) && secp256k1_context_randomize(context, seed);
}

int ecdsa_use_vectors(int wanted) {
#if HAS_VECTORS
    use_vectors = wanted && vectors_are_supported();
#else
    (void)wanted;
#endif
    return use_vectors;
}

int ecdsa_public_key(unsigned char key[ECDSA_KEY_BYTES], const unsigned char private_key[ECDSA_PRIVATE_KEY_BYTES]) {
    secp256k1_pubkey public_key;
    unsigned char encoded[1 + ECDSA_KEY_BYTES];
    size_t length = sizeof(encoded);
    if (!secp256k1_ec_pubkey_create(context, &public_key, private_key)) return 0;
    secp256k1_ec_pubkey_serialize(context, encoded, &length, &public_key, SECP256K1_EC_UNCOMPRESSED);
    memcpy(key, encoded + 1, ECDSA_KEY_BYTES);
    return 1;
}

int ecdsa_sign(
    unsigned char signature[ECDSA_SIGNATURE_BYTES],
    const unsigned char digest[ECDSA_DIGEST_BYTES],
    const unsigned char private_key[ECDSA_PRIVATE_KEY_BYTES]) {
    secp256k1_ecdsa_recoverable_signature made;
    secp256k1_scalar message;
    unsigned char reduced[ECDSA_DIGEST_BYTES];
    int recovery_id;
    /* RFC 6979 (2.3.4) wants the digest reduced modulo n before it feeds the nonce; the library takes it as it is. */
    secp256k1_scalar_set_b32(&message, digest, NULL);
    secp256k1_scalar_get_b32(reduced, &message);
    if (!secp256k1_ecdsa_sign_recoverable(context, &made, reduced, private_key, NULL, NULL)) return 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context, signature, &recovery_id, &made);
    signature[64] = (unsigned char)recovery_id;
    return 1;
}

int ecdsa_recover(
    unsigned char key[ECDSA_KEY_BYTES],
    const unsigned char digest[ECDSA_DIGEST_BYTES],
    const unsigned char signature[ECDSA_SIGNATURE_BYTES]) {
    secp256k1_scalar r, s, message;
    secp256k1_ge signer;
    if (!read_signature(&r, &s, signature)) return 0;
    secp256k1_scalar_set_b32(&message, digest, NULL);
    if (!secp256k1_ecdsa_sig_recover(&r, &s, &signer, &message, signature[64])) return 0;
    write_key(key, &signer);
    return 1;
}

void ecdsa_recover_many(unsigned char *verdicts, unsigned char *keys, const unsigned char *checks, size_t count) {
    struct bulk bulk;
    size_t i;
    for (i = 0; i < count; i++) verdicts[i] = VERDICT_REFUSED;
    if (!bulk_begin(&bulk, count)) {
        for (i = 0; i < count; i++) check_alone(&verdicts[i], keys + i * ECDSA_KEY_BYTES, checks + i * CHECK_BYTES);
        return;
    }
    bulk_check(&bulk, verdicts, keys, checks, count);
    bulk_end(&bulk);
}
