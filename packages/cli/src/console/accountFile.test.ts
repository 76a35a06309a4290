import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteName } from '@menglian/crypto/suite';
import { randomAccount } from '@menglian/sdk/account/account';
import { encryptedPemOfAccount, pemOfAccount } from '@menglian/sdk/account/pem';
import { pkcs12OfAccount } from '@menglian/sdk/node/pkcs12';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAccountFile, saveAccount } from './accountFile.js';
import type { Session } from './session.js';
import { testSession } from './testing/testSession.js';

const folder = mkdtempSync(join(tmpdir(), 'menglian-accounts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A session with a node of a chain of the suite. @param typed what the person types when asked for a password */
function sessionOf(suite: SuiteName, typed?: string): Session {
  return testSession({ folder, suite, terminal: { askSecret: async () => typed } });
}

const SUITES = ['ecdsa', 'sm'] as const;

describe.each(SUITES)('on a chain of suite %s', (suite) => {
  const other = suite === 'sm' ? 'ecdsa' : 'sm';

  it('key files of that suite are read, with a password where they need one', async () => {
    const account = await randomAccount(suite);
    const files = { 'plain.pem': pemOfAccount(account), 'secret.pem': encryptedPemOfAccount(account, 'secret') };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'secret.p12'), pkcs12OfAccount(account, 'secret'));
    const load = async (name: string, typed?: string) => {
      const loaded = await loadAccountFile(sessionOf(suite, typed), name);
      return loaded.ok ? loaded.value.address : loaded.reason.code;
    };
    expect(await load('plain.pem')).toBe(account.address);
    for (const name of ['secret.pem', 'secret.p12']) {
      expect([await load(name, 'secret'), await load(name), await load(name, 'wrong')]).toEqual([
        account.address,
        'C13',
        'BadKey',
      ]);
    }
  });

  it('those of the other suite are refused by name', async () => {
    const account = await randomAccount(other);
    writeFileSync(join(folder, 'other.pem'), pemOfAccount(account));
    writeFileSync(join(folder, 'other.p12'), pkcs12OfAccount(account, 'secret'));
    const kind = other === 'sm' ? 'of SM2, and this is no SM chain' : 'on secp256k1, and this is an SM chain';
    for (const name of ['other.pem', 'other.p12']) {
      expect(await loadAccountFile(sessionOf(suite, 'secret'), name)).toMatchObject({
        reason: { code: 'C21', message: { en: `${name} holds a key ${kind}` } },
      });
    }
  });

  it('what is kept in a file is read again, and is for its owner alone', async () => {
    const session = sessionOf(suite, 'secret');
    const account = await randomAccount(suite);
    for (const name of [`${suite}.pem`, `${suite}.p12`]) {
      expect(await saveAccount(session, account, name)).toBeUndefined();
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
      expect(await loadAccountFile(session, name)).toMatchObject({ value: { address: account.address } });
      expect(await saveAccount(session, account, name)).toMatchObject({ code: 'C18' });
    }
    expect(await saveAccount(sessionOf(suite), account, 'new.p12')).toMatchObject({ code: 'C13' });
  });
});
