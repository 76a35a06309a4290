/** A number, a text or a name in a source, or one of `;{}`; comments and other signs are left out. */
export interface SourceToken {
  readonly kind: 'number' | 'hexText' | 'text' | 'word' | 'mark';
  readonly text: string;
  /** from 1 */
  readonly line: number;
}

const TOKEN =
  /\/\/[^\n\r]*|\/\*[\s\S]*?(?:\*\/|$)|(?:\bhex)?"(?:[^"\\\n]|\\[\s\S])*"?|(?:\bhex)?'(?:[^'\\\n]|\\[\s\S])*'?|0[xX][\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE]-?\d+)?|[A-Za-z_$][\w$]*|[;{}]/g;

/** Tokens of Solidity of any version, with those of inline assembly. */
export function tokensOf(source: string): readonly SourceToken[] {
  const tokens: SourceToken[] = [];
  let line = 1;
  let counted = 0;
  for (const { 0: text, index } of source.matchAll(TOKEN)) {
    for (; counted < index; counted++) if (source[counted] === '\n') line += 1;
    const kind = kindOf(text);
    if (kind !== undefined) tokens.push({ kind, text: contentOf(kind, text), line });
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
function contentOf(kind: SourceToken['kind'], text: string): string {
  if (kind === 'hexText') return text.slice(4, -1).replaceAll('_', '');
  return kind === 'text' ? text.slice(1, -1) : text;
}
