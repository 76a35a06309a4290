import { createHash } from 'node:crypto';

/** Bytes in the place of random ones, the same in every run: other ones with every call and every seed. */
export function drawBytes(seed: string): (count: number) => Uint8Array {
  let draws = 0;
  return (count) =>
    new Uint8Array(createHash('shake256', { outputLength: count }).update(`${seed} ${draws++}`).digest());
}
