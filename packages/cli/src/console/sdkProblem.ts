import { SdkError } from '@menglian/sdk/sdkError';
import type { Problem } from './problem.js';
import { chineseOf } from './sdkChinese.js';

/** What the chain or the way to it refused, for people. Anything that is no such refusal is a fault of ours: thrown. */
export function problemOfError(error: unknown): Problem {
  if (!(error instanceof SdkError)) throw error;
  const { code, advice } = error;
  const tail = ` (${code}); ${advice}`;
  const message = error.message.endsWith(tail) ? error.message.slice(0, -tail.length) : error.message;
  const chinese = chineseOf(code);
  return {
    code,
    message: { en: message, zh: chinese === undefined ? message : `${chinese.message}：${message}` },
    advice: { en: advice, zh: chinese?.advice ?? advice },
  };
}
