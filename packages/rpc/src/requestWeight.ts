import { INVALID_REQUEST, type RpcError } from './errors.js';
import { BODY_BYTES_MAX, JSON_VALUES_MAX } from './limits.js';

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

/**
 * All clients wait while a request is parsed: one that takes long is not looked at. Its bytes alone do not tell, for nothing
 * takes as long as many small values.
 * @param data JSON of any kind
 * @returns why it is refused; undefined where it may be parsed
 */
export function refuseHeavy(data: Uint8Array): RpcError | undefined {
  if (data.length > BODY_BYTES_MAX) return refusal(`a request of ${data.length} bytes; at most ${BODY_BYTES_MAX}`);
  if (hasManyValues(data)) return refusal(`a request with more than ${JSON_VALUES_MAX} values; fewer`);
  return undefined;
}

/** Signs in strings count too: no method wants such strings. */
function hasManyValues(data: Uint8Array): boolean {
  if (data.length <= JSON_VALUES_MAX) return false;
  let count = 0;
  for (let index = 0; index < data.length && count <= JSON_VALUES_MAX; index++) {
    const byte = data[index];
    if (byte === COMMA || byte === OPENING_BRACKET || byte === OPENING_BRACE) count += 1;
  }
  return count > JSON_VALUES_MAX;
}

function refusal(reason: string): RpcError {
  return { ...INVALID_REQUEST, message: `${INVALID_REQUEST.message}: ${reason} are read, send smaller ones` };
}
