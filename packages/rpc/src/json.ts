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

const INDENT = '   ';

/**
 * The indented form of 2.x, which it uses for pushed receipts alone: three spaces a level, " : " after a name, a newline at
 * the end, empty arrays and objects without space.
 */
export function styledJson(value: Json): string {
  return `${styled(value, '')}\n`;
}

function styled(value: Json, margin: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = margin + INDENT;
  const lines = Array.isArray(value)
    ? value.map((element: Json) => `${inner}${styled(element, inner)}`)
    : Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => `${inner}${JSON.stringify(key)} : ${styled(member as Json, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join(',\n')}\n${margin}${close}`;
}
