import type { ConsoleCommand, Room } from '../command.js';
import { ACCOUNTS } from './accounts.js';
import { AMOP } from './amop.js';
import { BLOCKS } from './blocks.js';
import { CNS } from './cns.js';
import { CONFIGURATION } from './configuration.js';
import { CONTRACT_STATUS } from './contractStatus.js';
import { CONTRACTS } from './contracts.js';
import { GAS } from './gas.js';
import { GOVERNANCE } from './governance.js';
import { GROUPS } from './groups.js';
import { HOT_ACCOUNTS } from './hotAccounts.js';
import { INTERCHAIN } from './interchain.js';
import { NODE } from './node.js';
import { PERMISSIONS } from './permissions.js';
import { ROUTER } from './router.js';
import { sessionRoom } from './session.js';
import { TABLES } from './tables.js';
import { TRANSACTIONS } from './transactions.js';

/** All commands, by subject. */
export const ROOMS: readonly Room[] = [
  BLOCKS,
  TRANSACTIONS,
  NODE,
  GROUPS,
  CONTRACTS,
  CNS,
  CONFIGURATION,
  PERMISSIONS,
  GOVERNANCE,
  CONTRACT_STATUS,
  TABLES,
  GAS,
  INTERCHAIN,
  HOT_ACCOUNTS,
  ROUTER,
  AMOP,
  ACCOUNTS,
  sessionRoom(() => ROOMS),
];

const BY_NAME: ReadonlyMap<string, ConsoleCommand> = new Map(
  ROOMS.flatMap(({ commands }) =>
    commands.flatMap((one) => [one.name, ...one.aliases].map((name) => [name.toLowerCase(), one] as const)),
  ),
);

/** Names of commands and their other names. */
export const COMMAND_NAMES: readonly string[] = ROOMS.flatMap(({ commands }) =>
  commands.flatMap(({ name, aliases }) => [name, ...aliases]),
);

/** In upper or lower case. */
export function findCommand(name: string): ConsoleCommand | undefined {
  return BY_NAME.get(name.toLowerCase());
}
