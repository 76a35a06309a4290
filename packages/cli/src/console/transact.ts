import type { Abi } from '@menglian/sdk/abi/abi';
import type { Account } from '@menglian/sdk/account/account';
import type { Client } from '@menglian/sdk/client';
import type { Receipt } from '@menglian/sdk/rpc/shapes';
import { checkExecution } from '@menglian/sdk/transaction/executionError';
import type { TransactionRequest } from '@menglian/sdk/transaction/requests';
import type { Language } from '../language.js';
import { PROBLEM, problem, ProblemError } from './problem.js';
import type { Terminal } from './terminal.js';

/** What signing, sending and waiting need of a session. */
export interface Sender {
  readonly language: Language;
  readonly options: { readonly terminal: Terminal };
  sentHash: string | undefined;
  client(): Promise<Client>;
  account(): Promise<Account>;
}

/**
 * Signs with the current account, sends, waits for the receipt, and says so meanwhile.
 * @param abi whose errors the contract may answer
 * @throws SdkError what the node or the contract refused; ProblemError when the person does not wait any longer
 */
export async function transact(sender: Sender, request: TransactionRequest, abi?: Abi): Promise<Receipt> {
  const [client, account] = await Promise.all([sender.client(), sender.account()]);
  const { terminal } = sender.options;
  const isChinese = sender.language === 'zh';
  terminal.progress(isChinese ? '正在发送交易' : 'sending the transaction');
  const hash = await client.sendTransaction({ account, ...request });
  sender.sentHash = hash;
  terminal.progress(isChinese ? `等待交易 ${hash} 的回执` : `waiting for the receipt of ${hash}`);
  const receipt = await Promise.race([client.waitForReceipt(hash), interrupted(terminal.interrupt, hash)]);
  terminal.progress(undefined);
  checkExecution(client.suite, 'the transaction', receipt, { receipt, ...(abi !== undefined && { abi }) });
  return receipt;
}

function interrupted(signal: AbortSignal, hash: string): Promise<never> {
  const error = new ProblemError(
    problem(
      PROBLEM.interrupted,
      { en: `the transaction ${hash} is on its way`, zh: `交易 ${hash} 已发出` },
      { en: 'ask for its receipt later', zh: '稍后查询其回执' },
      `getTransactionReceipt ${hash}`,
    ),
  );
  return new Promise((_, reject) => {
    if (signal.aborted) reject(error);
    signal.addEventListener('abort', () => reject(error), { once: true });
  });
}
