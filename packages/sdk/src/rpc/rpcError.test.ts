import { describe, expect, it } from 'vitest';
import { answeredError } from './rpcError.js';

describe('what a node answers', () => {
  it.each(['OverGroupDiskQuota', 'OverGroupMemoryLimit', 'TransactionPoolIsFull'])(
    'refuses a transaction by the word %s, whatever else it says',
    (word) => {
      const error = answeredError({ code: -32603, message: `${word}\nsend to another node` });
      expect(error).toMatchObject({ code: word, advice: expect.stringContaining('send') });
      expect(error.message).toContain('refused the transaction');
    },
  );

  it('is an error with its number where it is no refusal', () => {
    expect(answeredError({ code: -40001, message: 'OverGroupDiskQuota' })).toMatchObject({ code: -40001 });
    expect(answeredError({ code: -32603, message: 'no word that is known' })).toMatchObject({ code: -32603 });
  });
});
