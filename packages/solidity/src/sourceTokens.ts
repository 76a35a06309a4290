/** A number, a text or a name in a source, or one of `;{}`; comments and other signs are left out. */
export interface SourceToken {
  readonly kind: 'number' | 'hexText' | 'text' | 'word' | 'mark';
  readonly text: string;
  /** where `text` begins in the source */
  readonly start: number;
  /** from 1 */
  readonly line: number;
}

const TOKEN = new RegExp(
  [
    String.raw`\/\/[^\n\r]*`,
    String.raw`\/\*[\s\S]*?(?:\*\/|$)`,
    String.raw`(?:\bhex)?"(?:[^"\\\n]|\\[\s\S])*"?`,
    String.raw`(?:\bhex)?'(?:[^'\\\n]|\\[\s\S])*'?`,
    String.raw`0[xX][\da-fA-F_]+`,
    String.raw`\d[\d_]*(?:\.\d+)?(?:[eE]-?\d+)?`,
    String.raw`[A-Za-z_$][\w$]*`,
    String.raw`[;{}]`,
  ].join('|'),
  'g',
);

/** Tokens of Solidity of any version, with those of inline assembly. */
export function tokensOf(source: string): readonly SourceToken[] {
  const tokens: SourceToken[] = [];
  let line = 1;
  let counted = 0;
  for (const { 0: text, index } of source.matchAll(TOKEN)) {
    for (; counted < index; counted++) if (source[counted] === '\n') line += 1;
    const kind = kindOf(text);
    if (kind !== undefined) tokens.push({ kind, ...contentOf(kind, text, index), line });
  }
  return tokens;
}

function kindOf(text: string): SourceToken['kind'] | undefined {
  if (text.startsWith('//') || text.startsWith('/*')) return undefined;
  if (/^hex["']/.test(text)) return 'hexText';
  if (/^["']/.test(text)) return 'text';
  if (/^[;{}]/.test(text)) return 'mark';
  return /^\d/.test(text) ? 'number' : 'word';
}

/** Texts without quotes; escapes stay as they are written. */
function contentOf(kind: SourceToken['kind'], text: string, start: number): { text: string; start: number } {
  if (kind !== 'hexText' && kind !== 'text') return { text, start };
  const quote = kind === 'hexText' ? 4 : 1;
  return { text: text.slice(quote, -1), start: start + quote };
}
