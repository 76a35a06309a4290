/* The addon's door to JavaScript: checks what comes in, and calls ecdsa.h, keccak.h, sm2/sm2.h, sm3.h and sm4/sm4Gcm.h. */
#include <pthread.h>
#include <node_api.h>

#include "ecdsa.h"
#include "keccak.h"
#include "sm2/sm2.h"
#include "sm3.h"
#include "sm4/sm4Gcm.h"

/** The loader refuses any other number, so that an addon of older sources is not used by mistake. */
#define ADDON_VERSION 5

#define ARGUMENTS_MAX 4
/** Of both hash functions. */
#define HASH_BYTES 32

static pthread_once_t setup_once = PTHREAD_ONCE_INIT;
static int is_set_up;

/** Worker threads share the process's one copy of this library. */
static void set_up(void) {
    keccak_setup();
    sm3_setup();
    sm4_gcm_setup();
    is_set_up = ecdsa_setup() && sm2_setup();
}

/** Reads the Uint8Arrays a function was called with. @return 0 after throwing */
static int read_arguments(
    napi_env env, napi_callback_info info, size_t wanted, unsigned char *data[], size_t lengths[]) {
    napi_value arguments[ARGUMENTS_MAX];
    size_t count = ARGUMENTS_MAX, i;
    if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < wanted) {
        napi_throw_type_error(env, NULL, "too few arguments");
        return 0;
    }
    for (i = 0; i < wanted; i++) {
        napi_typedarray_type type;
        if (napi_get_typedarray_info(env, arguments[i], &type, &lengths[i], (void **)&data[i], NULL, NULL) != napi_ok ||
            type != napi_uint8_array) {
            napi_throw_type_error(env, NULL, "not a Uint8Array");
            return 0;
        }
    }
    return 1;
}

static napi_value throw_length(napi_env env) {
    napi_throw_range_error(env, NULL, "wrong length");
    return NULL;
}

static napi_value boolean(napi_env env, int value) {
    napi_value result;
    return napi_get_boolean(env, value != 0, &result) == napi_ok ? result : NULL;
}

/** publicKey(key, privateKey): whether the private key is one; writes the public key. */
static napi_value public_key(napi_env env, napi_callback_info info) {
    unsigned char *data[2];
    size_t lengths[2];
    if (!read_arguments(env, info, 2, data, lengths)) return NULL;
    if (lengths[0] != ECDSA_KEY_BYTES || lengths[1] != ECDSA_PRIVATE_KEY_BYTES) return throw_length(env);
    return boolean(env, ecdsa_public_key(data[0], data[1]));
}

/** sign(signature, digest, privateKey): whether the private key is one; writes the signature. */
static napi_value sign(napi_env env, napi_callback_info info) {
    unsigned char *data[3];
    size_t lengths[3];
    if (!read_arguments(env, info, 3, data, lengths)) return NULL;
    if (lengths[0] != ECDSA_SIGNATURE_BYTES || lengths[1] != ECDSA_DIGEST_BYTES ||
        lengths[2] != ECDSA_PRIVATE_KEY_BYTES) {
        return throw_length(env);
    }
    return boolean(env, ecdsa_sign(data[0], data[1], data[2]));
}

/** recover(key, digest, signature): whether a key made the signature; writes that key. */
static napi_value recover(napi_env env, napi_callback_info info) {
    unsigned char *data[3];
    size_t lengths[3];
    if (!read_arguments(env, info, 3, data, lengths)) return NULL;
    if (lengths[0] != ECDSA_KEY_BYTES || lengths[1] != ECDSA_DIGEST_BYTES || lengths[2] != ECDSA_SIGNATURE_BYTES) {
        return throw_length(env);
    }
    return boolean(env, ecdsa_recover(data[0], data[1], data[2]));
}

/** recoverMany(verdicts, keys, checks): the packed form of ecdsa.h; verdicts has as many bytes as there are checks. */
static napi_value recover_many(napi_env env, napi_callback_info info) {
    unsigned char *data[3];
    size_t lengths[3];
    if (!read_arguments(env, info, 3, data, lengths)) return NULL;
    if (lengths[0] > ECDSA_CHECKS_MAX || lengths[1] != lengths[0] * ECDSA_KEY_BYTES ||
        lengths[2] != lengths[0] * CHECK_BYTES) {
        return throw_length(env);
    }
    ecdsa_recover_many(data[0], data[1], data[2], lengths[0]);
    return NULL;
}

/** sm2PublicKey(key, privateKey): whether the private key is one; writes the public key. */
static napi_value sm2_key(napi_env env, napi_callback_info info) {
    unsigned char *data[2];
    size_t lengths[2];
    if (!read_arguments(env, info, 2, data, lengths)) return NULL;
    if (lengths[0] != SM2_KEY_BYTES || lengths[1] != SM2_PRIVATE_KEY_BYTES) return throw_length(env);
    return boolean(env, sm2_public_key(data[0], data[1]));
}

/** sm2Sign(signature, digest, privateKey, entropy): whether the private key is one; writes the signature. */
static napi_value sm2_sign_digest(napi_env env, napi_callback_info info) {
    unsigned char *data[4];
    size_t lengths[4];
    if (!read_arguments(env, info, 4, data, lengths)) return NULL;
    if (lengths[0] != SM2_SIGNATURE_BYTES || lengths[1] != SM2_DIGEST_BYTES || lengths[2] != SM2_PRIVATE_KEY_BYTES) {
        return throw_length(env);
    }
    return boolean(env, sm2_sign(data[0], data[1], data[2], data[3], lengths[3]));
}

/** sm2Verify(digest, signature): whether the key in the signature made it. */
static napi_value sm2_verify_digest(napi_env env, napi_callback_info info) {
    unsigned char *data[2];
    size_t lengths[2];
    if (!read_arguments(env, info, 2, data, lengths)) return NULL;
    if (lengths[0] != SM2_DIGEST_BYTES || lengths[1] != SM2_SIGNATURE_BYTES) return throw_length(env);
    return boolean(env, sm2_verify(data[0], data[1]));
}

/** sm2VerifyMany(verdicts, parities, checks): the packed form of sm2.h; a byte of both for each check. */
static napi_value sm2_verify_digests(napi_env env, napi_callback_info info) {
    unsigned char *data[3];
    size_t lengths[3];
    if (!read_arguments(env, info, 3, data, lengths)) return NULL;
    if (lengths[0] > SM2_CHECKS_MAX || lengths[1] != lengths[0] || lengths[2] != lengths[0] * SM2_CHECK_BYTES) {
        return throw_length(env);
    }
    sm2_verify_many(data[0], data[1], data[2], lengths[0]);
    return NULL;
}

typedef void hash_many(unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count);

/** (hashes, bytes, ranges): writes a hash of 32 bytes for each range, which is eight bytes, see struct byte_range. */
static napi_value hash_ranges(napi_env env, napi_callback_info info, hash_many *hash_them) {
    unsigned char *data[3];
    size_t lengths[3], count, i;
    const struct byte_range *ranges;
    if (!read_arguments(env, info, 3, data, lengths)) return NULL;
    ranges = (const struct byte_range *)(const void *)data[2];
    count = lengths[2] / sizeof *ranges;
    if (lengths[2] % sizeof *ranges != 0 || lengths[0] != count * HASH_BYTES || lengths[1] > UINT32_MAX ||
        (uintptr_t)data[2] % _Alignof(struct byte_range) != 0) {
        return throw_length(env);
    }
    for (i = 0; i < count; i++) {
        if (ranges[i].start > ranges[i].end || ranges[i].end > lengths[1]) return throw_length(env);
    }
    hash_them(data[0], data[1], ranges, count);
    return NULL;
}

static napi_value keccak256_many(napi_env env, napi_callback_info info) {
    return hash_ranges(env, info, keccak_hash_many);
}

static napi_value sm3_many(napi_env env, napi_callback_info info) {
    return hash_ranges(env, info, sm3_hash_many);
}

/** sm3(hash, bytes) */
static napi_value sm3_one(napi_env env, napi_callback_info info) {
    unsigned char *data[2];
    size_t lengths[2];
    if (!read_arguments(env, info, 2, data, lengths)) return NULL;
    if (lengths[0] != SM3_HASH_BYTES) return throw_length(env);
    sm3_hash(data[0], data[1], lengths[1]);
    return NULL;
}

/** sm4GcmPrepare(prepared, key): writes a struct sm4_gcm_key. */
static napi_value sm4_prepare(napi_env env, napi_callback_info info) {
    unsigned char *data[2];
    size_t lengths[2];
    if (!read_arguments(env, info, 2, data, lengths)) return NULL;
    if (lengths[0] != sizeof(struct sm4_gcm_key) || lengths[1] != SM4_KEY_BYTES ||
        (uintptr_t)data[0] % _Alignof(struct sm4_gcm_key) != 0) {
        return throw_length(env);
    }
    sm4_gcm_prepare((struct sm4_gcm_key *)(void *)data[0], data[1]);
    return NULL;
}

/** (prepared, message, additionalLength, length), message being nonce, additional data, data and tag, and what follows. */
static napi_value sm4_message(napi_env env, napi_callback_info info, int is_sealing) {
    napi_value arguments[4];
    unsigned char *data[2], *body;
    const struct sm4_gcm_key *key;
    size_t lengths[2], count = 4;
    uint32_t additional, length;
    int is_right = 1;
    if (!read_arguments(env, info, 2, data, lengths)) return NULL;
    if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 4 ||
        napi_get_value_uint32(env, arguments[2], &additional) != napi_ok ||
        napi_get_value_uint32(env, arguments[3], &length) != napi_ok) {
        napi_throw_type_error(env, NULL, "not a number");
        return NULL;
    }
    if (lengths[0] != sizeof(*key) || (uintptr_t)data[0] % _Alignof(struct sm4_gcm_key) != 0 ||
        additional > SM4_GCM_BYTES_MAX || length > SM4_GCM_BYTES_MAX ||
        lengths[1] < (size_t)SM4_GCM_NONCE_BYTES + additional + length + SM4_GCM_TAG_BYTES) {
        return throw_length(env);
    }
    key = (const struct sm4_gcm_key *)(const void *)data[0];
    body = data[1] + SM4_GCM_NONCE_BYTES;
    if (is_sealing) sm4_gcm_seal(key, data[1], body, additional, body + additional, length);
    else is_right = sm4_gcm_open(key, data[1], body, additional, body + additional, length);
    return boolean(env, is_right);
}

static napi_value sm4_seal(napi_env env, napi_callback_info info) {
    return sm4_message(env, info, 1);
}

static napi_value sm4_open(napi_env env, napi_callback_info info) {
    return sm4_message(env, info, 0);
}

/** (most): calls what chooses how much is computed at a time. */
static napi_value choose_lanes(napi_env env, napi_callback_info info, int (*choose)(int most)) {
    napi_value argument, result;
    size_t count = 1;
    int32_t most;
    if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1 ||
        napi_get_value_int32(env, argument, &most) != napi_ok) {
        napi_throw_type_error(env, NULL, "not a number");
        return NULL;
    }
    return napi_create_int32(env, choose(most), &result) == napi_ok ? result : NULL;
}

/** Twice as many of SM3, whose words are half as long. */
static int use_hash_lanes(int most) {
    sm3_use_lanes(most > 8 ? 16 : 2 * most);
    return keccak_use_lanes(most);
}

/** useLanes(most): see keccak_use_lanes. */
static napi_value use_lanes(napi_env env, napi_callback_info info) {
    return choose_lanes(env, info, use_hash_lanes);
}

/** sm4UseLanes(most): see sm4_use_lanes. */
static napi_value use_sm4_lanes(napi_env env, napi_callback_info info) {
    return choose_lanes(env, info, sm4_use_lanes);
}

/** useVectors(wanted): see ecdsa_use_vectors and sm2_use_vectors. */
static napi_value use_vectors(napi_env env, napi_callback_info info) {
    napi_value argument;
    size_t count = 1;
    bool wanted;
    if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1 ||
        napi_get_value_bool(env, argument, &wanted) != napi_ok) {
        napi_throw_type_error(env, NULL, "not a boolean");
        return NULL;
    }
    sm2_use_vectors(wanted);
    return boolean(env, ecdsa_use_vectors(wanted));
}

static int export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
    napi_value function;
    return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok &&
           napi_set_named_property(env, exports, name, function) == napi_ok;
}

NAPI_MODULE_INIT() {
    napi_value version;
    if (pthread_once(&setup_once, set_up) != 0 || !is_set_up) {
        napi_throw_error(env, NULL, "the tables of the curves could not be made");
        return NULL;
    }
    if (napi_create_uint32(env, ADDON_VERSION, &version) != napi_ok ||
        napi_set_named_property(env, exports, "version", version) != napi_ok ||
        !export_function(env, exports, "publicKey", public_key) || !export_function(env, exports, "sign", sign) ||
        !export_function(env, exports, "recover", recover) ||
        !export_function(env, exports, "recoverMany", recover_many) ||
        !export_function(env, exports, "useVectors", use_vectors) ||
        !export_function(env, exports, "keccak256Many", keccak256_many) ||
        !export_function(env, exports, "sm2PublicKey", sm2_key) ||
        !export_function(env, exports, "sm2Sign", sm2_sign_digest) ||
        !export_function(env, exports, "sm2Verify", sm2_verify_digest) ||
        !export_function(env, exports, "sm2VerifyMany", sm2_verify_digests) ||
        !export_function(env, exports, "sm3", sm3_one) || !export_function(env, exports, "sm3Many", sm3_many) ||
        !export_function(env, exports, "sm4GcmPrepare", sm4_prepare) ||
        !export_function(env, exports, "sm4GcmSeal", sm4_seal) ||
        !export_function(env, exports, "sm4GcmOpen", sm4_open) ||
        !export_function(env, exports, "sm4UseLanes", use_sm4_lanes) ||
        !export_function(env, exports, "useLanes", use_lanes)) {
        return NULL;
    }
    return exports;
}
