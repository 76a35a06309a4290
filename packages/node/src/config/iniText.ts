/** A line of a section as it is written: a key, or a comment above it where one helps. */
export type Line = string | readonly [key: string, value: string | number | boolean];

/** A section with its keys in order. */
export function section(name: string, lines: readonly Line[]): string {
  const body = lines.map((line) => (typeof line === 'string' ? `    ; ${line}` : `    ${line[0]}=${line[1]}`));
  return [`[${name}]`, ...body].join('\n');
}

/** A whole file. */
export function iniText(sections: readonly string[]): string {
  return `${sections.join('\n\n')}\n`;
}
