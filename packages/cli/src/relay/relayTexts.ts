import { INTERCHAIN_OFF } from '@menglian/relay/codes';
import type { Registration } from '@menglian/relay/registration';
import type { LaneStatus } from '@menglian/relay/laneStatus';
import type { RelayEvent } from '@menglian/relay/relay';
import type { Retry } from '@menglian/relay/retries';
import type { SdkError } from '@menglian/sdk/sdkError';
import { problemOfError } from '../console/sdkProblem.js';
import type { Localized } from '../language.js';

/** What `menglian relay` says. */

export const RELAY: Localized = {
  en: 'carry messages between chains; SIGTERM or Ctrl-C stops it after what is under way',
  zh: '在多条链之间传递消息；SIGTERM 或 Ctrl-C 在完成当前步骤后停止',
};

export const REGISTER: Localized = {
  en: 'make all chains of the file known to one another; signs with keys that may change settings',
  zh: '让文件中的各链互相登记；须用有权修改系统参数的私钥签名',
};

export const STATUS: Localized = {
  en: 'how many messages were sent, taken and refused, for each pair of chains',
  zh: '列出每对链之间已发送、已接收、被拒绝的消息数',
};

export const RETRY: Localized = {
  en: 'give messages that their receivers refused to them again, in order',
  zh: '将被接收方拒绝的消息按顺序重新交付',
};

export const CONFIG: Localized = { en: 'the chains, and the key that signs', zh: '各链的节点与签名私钥' };
export const ONCE: Localized = {
  en: 'close epochs, carry what there is and end; 1 if something could not be done',
  zh: '结账并传递现有消息后退出；有未完成的事项则返回 1',
};
export const JSON_LINES: Localized = { en: 'a JSON object a line instead of words', zh: '每行输出一个 JSON 对象' };
export const MONEY: Localized = {
  en: 'also let money come from one chain to another, as hot accounts need',
  zh: '并允许资金跨链，热点账户需要',
};

const FILE = `
  [relay]
  key_file=relay.pem
  clear_seconds=10

  [chain.1]
  name=users
  group_id=1
  url.0=http://127.0.0.1:8545
  url.1=http://127.0.0.1:8546

  [chain.2]
  name=hot
  group_id=2
  url.0=http://127.0.0.1:8545
`;

const COMMANDS = `
  menglian relay register --config relay.ini --money
  menglian relay --config relay.ini
  menglian relay --config relay.ini --once --json
  menglian relay status --config relay.ini
  menglian relay retry --config relay.ini
`;

export const EXAMPLES: Localized = {
  en: `\nExamples:${COMMANDS}\nrelay.ini:${FILE}`,
  zh: `\n示例：${COMMANDS}\nrelay.ini：${FILE}`,
};

export const STOPPED: Localized = { en: '[INFO] stopped', zh: '[INFO] 已停止' };
export const NOTHING_LEFT: Localized = { en: '[INFO] nothing is left to carry', zh: '[INFO] 没有待传递的消息' };

export function started(names: readonly string[]): Localized {
  const all = names.join(', ');
  return {
    en: `[INFO] carrying messages between ${names.length} chains: ${all}`,
    zh: `[INFO] 开始在 ${names.length} 条链之间传递消息：${all}`,
  };
}

export function eventText(event: RelayEvent): Localized {
  switch (event.kind) {
    case 'step':
      return stepText(event);
    case 'unregistered':
      return unregisteredText(event);
    case 'closed': {
      const accounts = event.accounts.join(', ');
      return {
        en: `[INFO] ${event.chain}: closed the epochs of ${event.accounts.length} shadow accounts: ${accounts}`,
        zh: `[INFO] ${event.chain}：已结账 ${event.accounts.length} 个影子账户：${accounts}`,
      };
    }
    case 'problem': {
      const { place, problem, retryMs } = event;
      const words = problemText(problem);
      const again =
        retryMs > 0 ? { en: `; again in ${retryMs} ms`, zh: `；${retryMs} 毫秒后重试` } : { en: '', zh: '' };
      return { en: `[WARN] ${place}: ${words.en}${again.en}`, zh: `[WARN] ${place}：${words.zh}${again.zh}` };
    }
    case 'recovered':
      return { en: `[INFO] ${event.place}: works again`, zh: `[INFO] ${event.place}：已恢复` };
  }
}

function unregisteredText({ lane, target, source }: Extract<RelayEvent, { readonly kind: 'unregistered' }>): Localized {
  const call = `register("${source}", name, pbft | rpbft | raft, height, sealers)`;
  return {
    en:
      `[WARN] ${lane}: ${target} does not know the other chain; who may change its settings runs: ` +
      `menglian relay register --config <file>, or calls 0x2001 ${call}`,
    zh:
      `[WARN] ${lane}：${target} 尚未登记对方链；请由有权修改系统参数者执行：` +
      `menglian relay register --config <文件>，或调用 0x2001 ${call}`,
  };
}

function stepText({ lane, step }: Extract<RelayEvent, { readonly kind: 'step' }>): Localized {
  switch (step.kind) {
    case 'delivered':
      return {
        en: `[INFO] ${lane}: handed over ${step.messages} messages in ${step.bundles} bundles, up to ${step.last}`,
        zh: `[INFO] ${lane}：已送达 ${step.messages} 条消息（${step.bundles} 批），至第 ${step.last} 条`,
      };
    case 'anchored':
      return {
        en: `[INFO] ${lane}: told of the sealers of block ${step.blockNumber}`,
        zh: `[INFO] ${lane}：已登记区块 ${step.blockNumber} 的共识节点`,
      };
    case 'fewer':
      return {
        en: `[INFO] ${lane}: receivers need much gas, the next bundles hold ${step.receiptsMax} receipts`,
        zh: `[INFO] ${lane}：接收方耗用 gas 较多，下一批改为 ${step.receiptsMax} 个回执`,
      };
    case 'overtaken':
      return { en: `[INFO] ${lane}: another relay was first`, zh: `[INFO] ${lane}：已由其他中继送达` };
  }
}

/** What is not in the console's words, or means something else here. */
const CHINESE: Readonly<Record<string, string>> = {
  [INTERCHAIN_OFF]: '未启用跨链消息（enable_interchain 不为 on）；请由有权修改系统参数者执行 menglian relay register',
  NoConnection: '无法连接节点；检查节点是否运行，以及 relay.ini 中的 url.N',
  Timeout: '等待超时；节点繁忙或群组停顿，稍后自动重试',
};

export function problemText(problem: SdkError): Localized {
  const { message, advice } = problemOfError(problem);
  const zh = CHINESE[problem.code] ?? `${message.zh}；${advice.zh}`;
  return { en: problem.message, zh: `${zh}（${problem.code}）` };
}

export function registrationText(done: Registration): Localized {
  const { chain } = done;
  if (done.kind === 'switchedOn') {
    return { en: `[INFO] ${chain}: switched enable_interchain on`, zh: `[INFO] ${chain}：已打开 enable_interchain` };
  }
  const { name, identity, rule, anchor } = done.facts;
  const seen = `${identity}, ${rule}, ${anchor.sealers.length}`;
  switch (done.kind) {
    case 'registered':
      return {
        en: `[INFO] ${chain}: registered ${name} (${seen} sealers at height ${anchor.number})`,
        zh: `[INFO] ${chain}：已登记 ${name}（${seen} 个共识节点，高度 ${anchor.number}）`,
      };
    case 'known':
      return { en: `[INFO] ${chain}: knows ${name} already`, zh: `[INFO] ${chain}：${name} 已登记` };
    case 'moneyAllowed':
      return { en: `[INFO] ${chain}: money of ${name} may come`, zh: `[INFO] ${chain}：允许来自 ${name} 的资金` };
  }
}

export function retryText({ lane, sequence, outcome }: Retry): Localized {
  if (outcome === 'taken') {
    return {
      en: `[INFO] ${lane}: message ${sequence} was taken`,
      zh: `[INFO] ${lane}：第 ${sequence} 条消息已被接收`,
    };
  }
  const why =
    outcome === 'refused' ? { en: 'its receiver refuses it still', zh: '接收方仍拒绝' } : problemText(outcome);
  return {
    en: `[WARN] ${lane}: message ${sequence}: ${why.en}`,
    zh: `[WARN] ${lane}：第 ${sequence} 条消息：${why.zh}`,
  };
}

export function statusText({ from, to, sent, taken, failed }: LaneStatus): Localized {
  return {
    en: `${from} → ${to}: ${sent} sent, ${taken} taken, ${sent - taken} waiting, ${failed} refused by receivers`,
    zh: `${from} → ${to}：已发送 ${sent}，已接收 ${taken}，待传递 ${sent - taken}，被接收方拒绝 ${failed}`,
  };
}
