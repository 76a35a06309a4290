import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { cryptoSuiteCompliance } from './cryptoSuite.js';
import { binaryEcdsaSuites } from './binaryEcdsaSuites.js';

const binaries = await binaryEcdsaSuites();

cryptoSuiteCompliance('ecdsa, javascript', () => loadSuite('ecdsa', 'javascript'));
for (const suite of binaries) cryptoSuiteCompliance(`ecdsa, ${suite.provider}`, () => Promise.resolve(suite));
cryptoSuiteCompliance('sm, javascript', () => loadSuite('sm', 'javascript'));
const smAddon = await loadSuite('sm', 'addon').catch(() => undefined);
if (smAddon !== undefined) cryptoSuiteCompliance('sm, addon', () => Promise.resolve(smAddon));

describe('loadSuite', () => {
  it('says honestly which provider answers', async () => {
    expect((await loadSuite('ecdsa', 'javascript')).provider).toBe('javascript');
    expect((await loadSuite('ecdsa')).provider).toBe(binaries[0]?.provider ?? 'javascript');
    // The package brings a binary for this platform: not to load it would be a fault, not a choice.
    if (process.platform === 'linux' && process.arch === 'x64') {
      expect(binaries.map(({ provider }) => provider)).toContain('native');
    }
    expect((await loadSuite('sm', 'javascript')).provider).toBe('javascript');
    expect((await loadSuite('sm')).provider).toBe(smAddon?.provider ?? 'javascript');
    await expect(loadSuite('sm', 'native')).rejects.toThrow('no provider native');
  });
});
