import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { cryptoSuiteCompliance } from './cryptoSuite.js';
import { nativeEcdsaSuite } from './nativeEcdsaSuite.js';

const native = await nativeEcdsaSuite();

cryptoSuiteCompliance('ecdsa, javascript', () => loadSuite('ecdsa', 'javascript'));
if (native !== undefined) cryptoSuiteCompliance('ecdsa, native', () => Promise.resolve(native));
cryptoSuiteCompliance('sm, javascript', () => loadSuite('sm'));

describe('loadSuite', () => {
  it('says honestly which provider answers', async () => {
    expect((await loadSuite('ecdsa', 'javascript')).provider).toBe('javascript');
    expect((await loadSuite('ecdsa')).provider).toBe(native === undefined ? 'javascript' : 'native');
    // The package brings a binary for this platform: not to load it would be a fault, not a choice.
    if (process.platform === 'linux' && process.arch === 'x64') expect(native?.provider).toBe('native');
    await expect(loadSuite('sm', 'native')).rejects.toThrow('no native provider');
  });
});
