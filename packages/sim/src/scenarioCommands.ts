/**
 *     submit [n]                 a client sends n transactions to every replica
 *     submitTo <replica>         … one transaction to that replica alone
 *     add|remove <replica>       … one that changes the members;  limit <n>: the most transactions in a block
 *     run <ms>                   time passes
 *     crash|start <replica>      power off; power on, same disk
 *     stall <replica> <ms>       its process does not run;  slow <replica> <times>: its disk and processor are slow
 *     clock <replica> <ms>       its clock jumps
 *     cut|cutOneWay <a> <b>      no link between them; none from a to b
 *     isolate <replica>          no link to anybody;  mend: all links work again;  sessions: the transport notices
 *     jam <kinds> <replicas>     these messages never reach these replicas: jam commit,checkpoint 1,2
 *     diverge <replica> <height> its executor computes other results from this height on
 *     show <word>…               from here on only lines with one of these words;  show: all
 *     status                     where everybody stands;  refusals <replica>: what it would not hear;  signers: of all blocks
 */
import { invariant } from '@menglian/base/invariant';
import { MESSAGE_CODES, type MessageKind } from '@menglian/pbft/messages';
import { addMember, removeMember, setMaxTransactions } from './chain.js';
import type { SimulatedNode } from './node.js';
import { forgeCommand, type SentMessages } from './scenarioForgeries.js';
import type { World } from './world.js';

export interface Stage {
  readonly world: World;
  readonly print: (text: string) => void;
  readonly sent: SentMessages;
  /** Only lines with one of these words are shown; all when there is none. */
  shown: readonly string[];
}

export function performCommand(stage: Stage, name: string, words: readonly string[]): void {
  const { world, print } = stage;
  const [first = 0, second = 0] = words.map(Number);
  const node = (): SimulatedNode => world.nodes[first]!;
  switch (name) {
    case 'submit':
      for (let i = 0; i < (first || 1); i++) {
        const transaction = world.submit();
        for (const replica of world.nodes) replica.give(transaction);
      }
      return;
    case 'submitTo':
      return node().give(world.submitToNobody());
    case 'add':
      return world.submitToAll(addMember(world.nextTransactionNumber, first));
    case 'remove':
      return world.submitToAll(removeMember(world.nextTransactionNumber, first));
    case 'limit':
      return world.submitToAll(setMaxTransactions(world.nextTransactionNumber, first));
    case 'run':
      world.scheduler.runUntil(world.scheduler.nowMs + first);
      return;
    case 'crash':
      return node().crash();
    case 'start':
      return node().start();
    case 'stall':
      return node().stall(second);
    case 'slow':
      node().slowness = second;
      return;
    case 'clock':
      node().clock.jump(second);
      return node().onClockChanged();
    case 'diverge':
      node().divergesFrom = second;
      return;
    case 'show':
      stage.shown = words;
      return;
    case 'status':
      for (const replica of world.nodes) print(describeStatus(replica));
      return;
    case 'refusals':
      for (const [reason, count] of node().engine!.status().refusals) print(`r${first} refused ${reason}: ${count}`);
      return;
    case 'signers':
      for (const { height, signatures } of world.nodes[first]!.ledger.blocks) {
        print(`block ${height} signed by ${signatures.map(({ index }) => index).join(' ')}`);
      }
      return;
    default:
      if (!linkCommand(world, name, words) && !forgeCommand(stage, name, words)) {
        invariant(false, 'sim/unknown-command', name);
      }
  }
}

/** @returns false for another command */
function linkCommand(world: World, name: string, words: readonly string[]): boolean {
  const { network } = world;
  const [first = 0, second = 0] = words.map(Number);
  switch (name) {
    case 'cut':
      network.cut(first, second);
      network.cut(second, first);
      return true;
    case 'cutOneWay':
      network.cut(first, second);
      return true;
    case 'isolate':
      for (const { index } of world.nodes) {
        if (index === first) continue;
        network.cut(first, index);
        network.cut(index, first);
      }
      return true;
    case 'mend':
      network.jam([], []);
      network.mend();
      return true;
    case 'sessions':
      world.tellSessions();
      return true;
    case 'jam': {
      const kinds = (words[0] ?? '').split(',') as MessageKind[];
      network.jam(
        kinds.map((kind) => MESSAGE_CODES[kind]),
        (words[1] ?? '').split(',').map(Number),
      );
      return true;
    }
    default:
      return false;
  }
}

function describeStatus(node: SimulatedNode): string {
  if (node.engine === undefined) return `r${node.index} is down at height ${node.height}`;
  const { view, toView, phase, nodeIndex } = node.engine.status();
  const wanted = view === toView ? '' : `, asks for view ${toView}`;
  const role = nodeIndex === undefined ? ', does not vote' : '';
  return `r${node.index} height ${node.height} view ${view} ${phase}${wanted}${role}`;
}
