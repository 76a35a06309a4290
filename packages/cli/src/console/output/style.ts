/** Colours, or none. */
export interface Style {
  strong(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  name(text: string): string;
}

export const PLAIN: Style = {
  strong: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  name: (text) => text,
};

const COLOURED: Style = {
  strong: paint(1, 22),
  dim: paint(2, 22),
  good: paint(32, 39),
  bad: paint(31, 39),
  name: paint(36, 39),
};

/** Colours on terminals, unless the person wants none (https://no-color.org). */
export function styleFor(stream: { readonly isTTY?: boolean }, environment: Readonly<NodeJS.ProcessEnv>): Style {
  const isUnwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return stream.isTTY === true && !isUnwanted ? COLOURED : PLAIN;
}

function paint(on: number, off: number): (text: string) => string {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}
