import { failure, success } from '@menglian/base/result';
import { randomAccount } from '@menglian/sdk/account/account';
import { isEncryptedName, loadAccountFile, saveAccount } from '../accountFile.js';
import { address, text } from '../arguments/kinds.js';
import type { Localized } from '../../language.js';
import { optional, required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { tableAnswer, textAnswer } from '../output/answer.js';
import { PROBLEM, problem } from '../problem.js';

export const ACCOUNTS: Room = {
  title: { en: 'Accounts that sign', zh: '签名账户' },
  commands: [
    command({
      name: 'newAccount',
      en: 'makes a new account and signs with it',
      zh: '新建账户并用其签名',
      parameters: [
        optional(
          'file',
          text('operator.pem', 'files'),
          'keep its key here; else it ends with the session',
          '私钥保存到此文件；不给则随会话结束而丢弃',
        ),
      ],
      examples: ['', 'operator.pem', 'operator.json', 'operator.p12'],
      run: async (session, [path]) => {
        const { suite } = await session.client();
        const account = await randomAccount(suite.name);
        const wrong = path === undefined ? undefined : await saveAccount(session, account, path);
        if (wrong !== undefined) return failure(wrong);
        session.use(account, { isTemporary: path === undefined });
        const kept = path === undefined ? { en: 'It ends with this session.', zh: '会话结束后丢弃。' } : keptIn(path);
        const shown = { en: account.address, zh: account.address };
        return success({ ...textAnswer({ address: account.address, file: path ?? null }, shown), note: kept });
      },
    }),
    command({
      name: 'loadAccount',
      en: 'signs with the key of a file',
      zh: '加载私钥文件并用其签名',
      parameters: [
        required('file', text('account.pem', 'files'), 'a .pem, .p12 or keystore file', '.pem、.p12 或 keystore 文件'),
      ],
      examples: ['account.pem', 'account.p12'],
      run: async (session, [path]) => {
        const loaded = await loadAccountFile(session, path);
        if (!loaded.ok) return loaded;
        session.use(loaded.value);
        const { address } = loaded.value;
        return success(textAnswer({ address }, { en: address, zh: address }));
      },
    }),
    command({
      name: 'listAccount',
      aliases: ['getCurrentAccount'],
      en: 'accounts of this session; the one that signs comes first',
      zh: '本次会话的账户，当前签名账户在首位',
      parameters: [],
      examples: [''],
      run: async (session) => {
        await session.account();
        const addresses = session.accounts.map((one) => one.address);
        const columns = [
          { en: 'account', zh: '账户' },
          { en: 'signs', zh: '当前' },
        ];
        return success(
          tableAnswer(
            addresses,
            columns,
            addresses.map((one, index) => [one, index === 0 ? '*' : '']),
          ),
        );
      },
    }),
    command({
      name: 'switchAccount',
      en: 'signs with another account of this session',
      zh: '切换签名账户',
      parameters: [
        required('account', { ...address, source: 'accounts' }, 'one of listAccount', 'listAccount 中的账户'),
      ],
      examples: [address.example],
      run: async (session, [wanted]) => {
        const found = session.accounts.find((one) => one.address === wanted);
        if (found === undefined) {
          const message = { en: `the key of ${wanted} is not loaded`, zh: `未加载 ${wanted} 的私钥` };
          const advice = { en: 'load its file', zh: '请加载其私钥文件' };
          return failure(problem(PROBLEM.noAccount, message, advice, 'loadAccount account.pem'));
        }
        session.use(found);
        return success(textAnswer({ address: wanted }, { en: wanted, zh: wanted }));
      },
    }),
  ],
};

function keptIn(path: string): Localized {
  return isEncryptedName(path)
    ? { en: `Its key is in ${path}, encrypted.`, zh: `私钥已加密保存在 ${path}。` }
    : { en: `Its key is in ${path}, not encrypted: guard the file.`, zh: `私钥以明文保存在 ${path}，请妥善保管。` };
}
