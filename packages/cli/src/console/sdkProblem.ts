import { SdkError } from '@menglian/sdk/sdkError';
import { type Problem, ProblemError } from './problem.js';
import { wordsOfCode } from './resultCodes.js';
import { chineseOf } from './sdkChinese.js';

/**
 * What the chain or the way to it refused, for people. Anything that is no such refusal is a fault of ours: thrown.
 * @param sentHash the transaction that it came of
 */
export function problemOfError(error: unknown, sentHash?: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (!(error instanceof SdkError)) throw error;
  const { code, advice } = error;
  const tail = ` (${code}); ${advice}`;
  const message = error.message.endsWith(tail) ? error.message.slice(0, -tail.length) : error.message;
  const place = sentHash === undefined ? '' : ` [${sentHash}]`;
  const ofContract = typeof code === 'number' ? wordsOfCode(code) : undefined;
  const chinese = chineseOf(code);
  const words = ofContract?.message ?? {
    en: message,
    zh: chinese === undefined ? message : `${chinese.message}：${message}`,
  };
  return {
    code,
    message: { en: words.en + place, zh: words.zh + place },
    advice: ofContract?.advice ?? { en: advice, zh: chinese?.advice ?? advice },
  };
}
