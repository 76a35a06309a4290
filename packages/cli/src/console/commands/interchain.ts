import { success } from '@menglian/base/result';
import { readFacts } from '@menglian/relay/registration';
import { Client } from '@menglian/sdk/client';
import { LightClients } from '@menglian/sdk/services/lightClients';
import { Messages } from '@menglian/sdk/services/messages';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { integer, text } from '../arguments/kinds.js';
import { optional, required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { tableAnswer } from '../output/answer.js';
import { changedAnswer } from '../output/systemAnswers.js';
import type { Session } from '../session.js';

const group = required('group', integer(1, MAX_GROUP_ID), 'number of a group of this node', '该节点上的群组编号');

/** A client of another group of the node. */
async function clientOf(session: Session, groupId: number): Promise<Client> {
  const { suite } = await session.client();
  return new Client(suite, { transport: session.options.transport, groupId });
}

interface Lane {
  readonly name: string;
  readonly chain: string;
  readonly sent: bigint;
  readonly taken: bigint;
  readonly failed: bigint;
}

async function lanesOf(session: Session): Promise<readonly Lane[]> {
  const caller = await session.caller();
  const messages = new Messages(caller);
  return Promise.all(
    (await new LightClients(caller).list()).map(async ({ chain, name }) => {
      const [sent, { lastTaken: taken, failed }] = await Promise.all([messages.lastSent(chain), messages.inbox(chain)]);
      return { name, chain, sent, taken, failed };
    }),
  );
}

export const INTERCHAIN: Room = {
  title: { en: 'Messages between chains (where enable_interchain is on)', zh: '跨链消息（须打开 enable_interchain）' },
  commands: [
    command({
      name: 'registerLightClient',
      en: 'makes another group of this node known to the current one, as it is now; for the committee',
      zh: '向当前群组登记本节点的另一个群组（以其当前状态为准）；须为委员会成员',
      details: {
        en: 'The node is believed about that group. For chains of other nodes, and for all at once: menglian relay register.',
        zh: '以所连节点的应答为准。登记其他节点上的链，或一次登记全部：menglian relay register。',
      },
      parameters: [
        group,
        optional('name', text('users'), 'how to call it; `group2` if not said', '名称；默认 group2 等'),
      ],
      examples: ['2', '2 users'],
      run: async (session, [number, name = `group${number}`]) => {
        const facts = await readFacts({ name, client: await clientOf(session, number) });
        return success(changedAnswer(await new LightClients(await session.caller()).register(facts.identity, facts)));
      },
    }),
    command({
      name: 'listLightClients',
      en: 'the chains that this one knows, and up to which block they were proven to it',
      zh: '当前群组已登记的链，以及已验证到的高度',
      parameters: [],
      examples: [''],
      run: async (session) => {
        const clients = await new LightClients(await session.caller()).list();
        const columns = [
          { en: 'name', zh: '名称' },
          { en: 'chain', zh: '链' },
          { en: 'consensus', zh: '共识' },
          { en: 'sealers since block', zh: '共识节点起始高度' },
          { en: 'proven up to', zh: '已验证高度' },
          { en: 'frozen', zh: '冻结' },
        ];
        const row = ({ name, chain, rule, anchorNumber, highestProven, isFrozen }: (typeof clients)[number]) => [
          name,
          chain,
          rule,
          String(anchorNumber),
          String(highestProven),
          String(isFrozen),
        ];
        return success(tableAnswer(clients, columns, clients.map(row)));
      },
    }),
    command({
      name: 'listMessages',
      en: 'how many messages were sent to each chain and taken from it, and how many of those failed',
      zh: '与各链之间已发送、已接收、处理失败的消息数',
      parameters: [],
      examples: [''],
      run: async (session) => {
        const lanes = await lanesOf(session);
        const columns = [
          { en: 'name', zh: '名称' },
          { en: 'chain', zh: '链' },
          { en: 'sent', zh: '已发送' },
          { en: 'taken', zh: '已接收' },
          { en: 'failed', zh: '失败' },
        ];
        const texts = lanes.map(({ name, chain, ...numbers }) => ({
          name,
          chain,
          sent: String(numbers.sent),
          taken: String(numbers.taken),
          failed: String(numbers.failed),
        }));
        return success(
          tableAnswer(
            texts,
            columns,
            texts.map((lane) => Object.values(lane)),
          ),
        );
      },
    }),
  ],
};
