/** JSON with the bytes that 2.x answers. Text is byte strings; members are written in byte order of their names. */

export type JsonRecord = Readonly<Record<string, string>>;

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Bytes above 127 pass through: UTF-8 stays UTF-8. */
function quoted(text: string): string {
  const escaped = text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- control characters are what is to be escaped
    /["\\\u0000-\u001f]/g,
    (character) =>
      NAMED_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** Byte strings compare by byte, whatever the locale. */
function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

function compactRecord(record: JsonRecord): string {
  const members = Object.entries(record).toSorted(byName);
  return `{${members.map(([name, value]) => `${quoted(name)}:${quoted(value)}`).join(',')}}`;
}

function compactRecords(records: readonly JsonRecord[]): string {
  return `[${records.map((record) => compactRecord(record)).join(',')}]`;
}

/** `[{"a":"1"},{"a":"2"}]` and a line feed. */
export function recordsLine(records: readonly JsonRecord[]): string {
  return `${compactRecords(records)}\n`;
}

/** `{"name":[{…}]}` and a line feed; `null` when there is no group at all. */
export function groupsLine(groups: ReadonlyMap<string, readonly JsonRecord[]>): string {
  if (groups.size === 0) return 'null\n';
  const members = [...groups].toSorted(byName);
  return `{${members.map(([name, records]) => `${quoted(name)}:${compactRecords(records)}`).join(',')}}\n`;
}

/** Rows on lines of their own, indented by tabs, ` : ` after a name, a line feed at the end. */
export function indentedRows(rows: readonly ReadonlyMap<string, string>[]): string {
  if (rows.length === 0) return '[]\n';
  const objects = rows.map((fields) => {
    const members = [...fields].toSorted(byName).map(([name, value]) => `\t\t${quoted(name)} : ${quoted(value)}`);
    return `\t{\n${members.join(',\n')}\n\t}`;
  });
  return `[\n${objects.join(',\n')}\n]\n`;
}
