/** What a JSON-RPC result is made of. Quantities are hexadecimal strings already; see format/quantity.ts. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Compact text with the keys of every object in ascending order, the form 2.x sends: scripts of operators cut it by
 * position (docs/json-rpc.md, "Text of an answer").
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
