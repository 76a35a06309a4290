import { success } from '@menglian/base/result';
import type { Unsubscribe } from '@menglian/sdk/transport';
import type { Amop, AmopHandler } from '@menglian/sdk/node/channel/amop';
import { integer, type Kind, text } from '../arguments/kinds.js';
import { optional, required } from '../arguments/parameters.js';
import { command, type Outcome, type Room } from '../command.js';
import { outlineAnswer, textAnswer } from '../output/answer.js';
import { PROBLEM, problem, ProblemError } from '../problem.js';
import type { Session } from '../session.js';

/** Messages that one subscription waits for, and of which the last are kept for its answer. */
const MESSAGES_MAX = 1000;

/** Of the messages that are kept: one alone may have 4 MiB. */
const KEPT_CHARACTERS_MAX = 16 * 1024 * 1024;

const EXAMPLE_KEY = `0x${'5b'.repeat(64)}`;

const publicKey: Kind<`0x${string}`> = {
  expected: { en: 'a public key: 0x and 128 hexadecimal digits', zh: '公钥：0x 加 128 位十六进制' },
  example: EXAMPLE_KEY,
  read: ({ text: given }) =>
    /^(0x)?[0-9a-fA-F]{128}$/.test(given) ? `0x${given.replace(/^0x/, '').toLowerCase()}` : undefined,
};

const topic = required('topic', text('prices'), 'name of the topic', '主题名');
const message = required('message', text('"tea: 12 a box"'), 'what is sent', '消息内容');
const count = optional('count', integer(1, MESSAGES_MAX), 'ends after so many messages', '收到多少条后结束');
const answer = optional('answer', text('"thank you"'), 'what the sender is answered', '回给发送者的内容');

/** @throws ProblemError over HTTP, which carries no messages */
function amopOf(session: Session): Amop {
  const { amop } = session.options;
  if (amop !== undefined) return amop;
  const what = {
    en: 'messages between clients need the channel of a node',
    zh: '收发链上消息需要连接节点的 channel 端口',
  };
  const advice = {
    en: 'start the console with --channel and --sdk, the folder of certificates',
    zh: '启动控制台时指定 --channel 和证书目录 --sdk',
  };
  const example = 'menglian console --channel 127.0.0.1:20200 --sdk nodes/127.0.0.1/sdk';
  throw new ProblemError(problem(PROBLEM.noChannel, what, advice, example));
}

/** Text where it is text, else its bytes. */
function contentText(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return `0x${Buffer.from(content).toString('hex')}`;
  }
}

interface Listening {
  /** undefined: until the person does not want any more. */
  readonly count: number | undefined;
  readonly answer: string | undefined;
}

/** Shows messages as they come. @param subscribe begins it */
async function listen(
  session: Session,
  { count: wanted = Number.POSITIVE_INFINITY, answer: reply }: Listening,
  subscribe: (handler: AmopHandler) => Unsubscribe,
): Promise<Outcome> {
  const { terminal, language } = session.options;
  const heard: { readonly topic: string; readonly content: string; readonly isBroadcast: boolean }[] = [];
  let total = 0;
  let characters = 0;
  // A subscription waits for its node without a word: whether there is one is to be known now.
  await session.ask('getClientVersion');
  const waiting = language === 'zh' ? '等待消息，Ctrl-C 结束' : 'waiting for messages, Ctrl-C ends it';
  await new Promise<void>((resolve) => {
    const unsubscribe = subscribe((one) => {
      if (total >= wanted) return undefined;
      const content = contentText(one.content);
      heard.push({ topic: one.topic, content, isBroadcast: !one.wantsAnswer });
      characters += content.length;
      while (heard.length > 1 && (heard.length > MESSAGES_MAX || characters > KEPT_CHARACTERS_MAX)) {
        characters -= heard.shift()!.content.length;
      }
      total += 1;
      terminal.progress(undefined);
      terminal.say(`${one.topic}: ${content}`);
      if (total < wanted) terminal.progress(waiting);
      else end();
      return reply;
    });
    const end = () => {
      // The answer to the last message goes first.
      setImmediate(() => {
        unsubscribe();
        resolve();
      });
    };
    if (terminal.interrupt.aborted) end();
    else terminal.interrupt.addEventListener('abort', end, { once: true });
    terminal.progress(waiting);
  });
  return success(textAnswer(heard, { en: `${total} message${total === 1 ? '' : 's'}`, zh: `${total} 条消息` }));
}

/** A private topic that this session publishes: messages go to those alone whose keys are accepted. */
function isPrivate(amop: Amop, name: string): boolean {
  return amop.acceptedTopics.includes(name);
}

export const AMOP: Room = {
  title: { en: 'Messages between clients (AMOP, with --channel)', zh: '链上消息（AMOP，需 --channel）' },
  commands: [
    command({
      name: 'subscribeTopic',
      en: 'receives what clients send to a topic',
      zh: '订阅主题并接收消息',
      details: {
        en: 'Ctrl-C ends it. Nodes tell each other the topics of their clients within seconds; nothing is stored.',
        zh: '按 Ctrl-C 结束。节点之间需数秒同步主题；消息不会保存。',
      },
      parameters: [topic, count, answer],
      examples: ['prices', 'prices 3 "thank you"'],
      run: async (session, [name, most, reply]) => {
        const amop = amopOf(session);
        return listen(session, { count: most, answer: reply }, (handler) => amop.subscribe(name, handler));
      },
    }),
    command({
      name: 'sendAmopMsg',
      en: 'sends a message to one subscriber of a topic, and shows what it answers',
      zh: '向主题的一个订阅者发送消息并显示应答',
      parameters: [topic, message],
      examples: ['prices "tea: 12 a box"'],
      run: async (session, [name, content]) => {
        const amop = amopOf(session);
        const reply = contentText(
          await (isPrivate(amop, name) ? amop.publishPrivate(name, content) : amop.publish(name, content)),
        );
        return success(outlineAnswer({ topic: name, answer: reply }));
      },
    }),
    command({
      name: 'broadcastAmopMsg',
      en: 'sends a message to all subscribers of a topic; nobody answers',
      zh: '向主题的全部订阅者广播消息，无应答',
      parameters: [topic, message],
      examples: ['prices "tea: 12 a box"'],
      run: async (session, [name, content]) => {
        const amop = amopOf(session);
        await (isPrivate(amop, name) ? amop.multicastPrivate(name, content) : amop.multicast(name, content));
        return success(textAnswer({ topic: name }, { en: 'sent', zh: '已发送' }));
      },
    }),
    command({
      name: 'publishPrivateTopic',
      en: 'makes a topic private in this session: only a client with this key receives what is sent to it',
      zh: '在本次会话中将主题设为私有：仅持有该公钥对应私钥的客户端可接收',
      details: {
        en: 'Nodes ask subscribers to prove their keys within seconds; until then messages reach nobody. A further key is added.',
        zh: '节点会在数秒内验证订阅者的私钥，此前消息无人接收。再次执行可增加公钥。',
      },
      parameters: [topic, required('publicKey', publicKey, 'key of who may receive', '接收者的公钥')],
      examples: [`offers ${EXAMPLE_KEY}`],
      run: async (session, [name, key]) => {
        const amop = amopOf(session);
        const keys = session.acceptKey(name, key);
        amop.acceptPrivate(name, keys);
        return success(outlineAnswer({ topic: name, publicKeys: keys }));
      },
    }),
    command({
      name: 'subscribePrivateTopic',
      aliases: ['subscribePrivateTopics'],
      en: 'receives what is sent to a private topic, as the current account',
      zh: '以当前账户订阅私有主题并接收消息',
      details: {
        en: 'The publisher must accept the public key of the account, which is shown. Ctrl-C ends it.',
        zh: '发布者须接受所显示的账户公钥。按 Ctrl-C 结束。',
      },
      parameters: [topic, count, answer],
      examples: ['offers', 'offers 1 taken'],
      run: async (session, [name, most, reply]) => {
        const amop = amopOf(session);
        const account = await session.amopAccount();
        session.options.terminal.say(`${session.language === 'zh' ? '公钥' : 'public key'} ${account.publicKey}`);
        return listen(session, { count: most, answer: reply }, (handler) =>
          amop.subscribePrivate(name, account, handler),
        );
      },
    }),
  ],
};
