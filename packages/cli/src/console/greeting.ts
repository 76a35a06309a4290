import { SdkError } from '@menglian/sdk/sdkError';
import type { Session } from './session.js';

/** What a person reads first: which chain this is and who signs. */
export async function greeting(session: Session, url: string): Promise<string> {
  const isChinese = session.language === 'zh';
  const group = session.groupId;
  try {
    const client = await session.client();
    const [version, height, account] = await Promise.all([
      client.getClientVersion(),
      client.getBlockNumber(),
      session.account(),
    ]);
    const chain = isChinese
      ? `已连接 ${url}：链 ${version.chainId}，群组 ${group}，高度 ${height}，版本 ${version.version}`
      : `${url}: chain ${version.chainId}, group ${group}, height ${height}, version ${version.version}`;
    const signer = isChinese ? `签名账户：${account.address}` : `Transactions are signed by ${account.address}`;
    return [chain, signer, ...accountNote(session), hint(isChinese)].join('\n');
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    const problem = isChinese ? `暂时无法使用 ${url}` : `Cannot use ${url} yet`;
    return [`${problem}: ${error.message}`, hint(isChinese)].join('\n');
  }
}

function accountNote(session: Session): string[] {
  if (!session.isAccountTemporary) return [];
  return [
    session.language === 'zh'
      ? '  （本次会话的临时账户，退出即丢弃；用 --pem 或 loadAccount 使用自己的账户）'
      : '  (a new account that ends with this session; --pem or loadAccount use one of yours)',
  ];
}

function hint(isChinese: boolean): string {
  return isChinese ? '输入 help 查看命令，quit 退出。' : 'help lists the commands, quit ends.';
}

/** After a single command: nobody can sign for this account again. */
export function signedBy(session: Session): string {
  const address = session.accounts[0]!.address;
  return session.language === 'zh'
    ? `由临时账户 ${address} 签名，命令结束后即丢弃；用 --pem 使用自己的账户。`
    : `Signed by ${address}, a new account that ends with this command; --pem uses one of yours.`;
}
