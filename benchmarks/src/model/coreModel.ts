/**
 * A chain of nodes on simulated processors, as arithmetic: nothing here measures. Threads take turns on the cores of their
 * machine; a thread does one thing at a time; clients always have as many transactions under way as they may.
 */

/** CPU that one transaction takes, microseconds. */
export interface TransactionCosts {
  /** of the program that sends */
  readonly generator: number;
  /** of the clients' thread of the node that it is sent to */
  readonly clients: number;
  /** of the thread of its group, on each node */
  readonly group: number;
  /** of the main thread, which all groups share, on each node */
  readonly main: number;
  /** of helping threads that work at the same time as others, on each node */
  readonly helpers: number;
}

export interface ModelInput {
  readonly costs: TransactionCosts;
  readonly nodes: number;
  readonly groups: number;
  /** of each machine */
  readonly cores: number;
  /** all nodes and the generator share one machine; else each node has a machine, and clients are elsewhere */
  readonly isOneMachine: boolean;
  /** CPU of one open group on one node that does nothing, microseconds a second */
  readonly idleMicrosPerSecond: number;
  /** of each group: transactions sent and not yet in a block */
  readonly uncommittedMax: number;
}

export interface ModelOutput {
  /** transactions a second of all groups */
  readonly tps: number;
  /** what at most: `cores` of a machine, or a thread that works all the time */
  readonly boundTps: number;
  readonly boundBy: 'cores' | 'group threads' | 'main threads' | 'clients threads' | 'generator';
}

/** Transactions that travel together, and most of a block. */
const BATCH = 100;
const BLOCK = 1000;
/** Heights of a group that are worked on at once, as in docs/consensus.md. */
const BLOCKS_UNDER_WAY = 8;
/** Of a block: rounds of messages and the disk, where nobody's processor works. */
const BLOCK_WAIT_MS = 10;
/** The part of its thread's work that a transaction takes before it is in a block: decoding, signature, spreading. */
const ADMISSION_SHARE = 0.5;
/** How long a thread runs while others wait. */
const SLICE_MS = 3;
const HELPERS_OF_A_NODE = 4;
/** How often an idle group's work comes. */
const IDLE_PERIOD_MS = 100;

const WARM_UP_MS = 1000;
const MEASURED_MS = 3000;

/** What no schedule can exceed, and why. */
export function throughputBound(input: ModelInput): Pick<ModelOutput, 'boundTps' | 'boundBy'> {
  const { costs, nodes, groups, cores, isOneMachine, idleMicrosPerSecond } = input;
  const ofNode = costs.group + costs.main + costs.helpers + costs.clients / nodes;
  const ofMachine = isOneMachine ? ofNode * nodes + costs.generator : ofNode;
  const idle = idleMicrosPerSecond * groups * (isOneMachine ? nodes : 1);
  const candidates: readonly Pick<ModelOutput, 'boundTps' | 'boundBy'>[] = [
    { boundBy: 'cores', boundTps: (cores * 1e6 - idle) / ofMachine },
    { boundBy: 'group threads', boundTps: (groups * (1e6 - idleMicrosPerSecond)) / costs.group },
    { boundBy: 'main threads', boundTps: 1e6 / costs.main },
    { boundBy: 'clients threads', boundTps: (nodes * 1e6) / costs.clients },
    ...(isOneMachine ? [{ boundBy: 'generator', boundTps: 1e6 / costs.generator } as const] : []),
  ];
  return candidates.reduce((least, one) => (one.boundTps < least.boundTps ? one : least));
}

/** Runs some seconds of the chain. The same input gives the same output. */
export function predictThroughput(input: ModelInput): ModelOutput {
  return { tps: new SimulatedChain(input).run(), ...throughputBound(input) };
}

interface SimulatedEvent {
  readonly atMs: number;
  readonly run: () => void;
}

/** Virtual time: what happens when. Events of one time happen in the order in which they were asked for. */
class Agenda {
  nowMs = 0;
  /** by time, latest first, so that the next one is taken from the end */
  readonly #events: SimulatedEvent[] = [];

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + delayMs;
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.atMs > atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { atMs, run });
  }

  runUntil(endMs: number): void {
    for (let next = this.#events.at(-1); next !== undefined && next.atMs <= endMs; next = this.#events.at(-1)) {
      this.#events.pop();
      this.nowMs = next.atMs;
      next.run();
    }
  }
}

interface Task {
  leftMs: number;
  readonly done: () => void;
}

/** Cores of one machine; threads that want one wait in line. */
class Machine {
  readonly #agenda: Agenda;
  readonly #waiting: Thread[] = [];
  #idleCores: number;

  constructor(agenda: Agenda, cores: number) {
    this.#agenda = agenda;
    this.#idleCores = cores;
  }

  /** @param thread that has work and is not in line already */
  enqueue(thread: Thread): void {
    this.#waiting.push(thread);
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#idleCores > 0 && this.#waiting.length > 0) {
      const thread = this.#waiting.shift()!;
      const sliceMs = Math.min(SLICE_MS, thread.leftMs);
      this.#idleCores--;
      this.#agenda.after(sliceMs, () => {
        this.#idleCores++;
        thread.onRan(sliceMs);
        this.#dispatch();
      });
    }
  }
}

/** Does one task after the other. */
class Thread {
  readonly #machine: Machine;
  readonly #tasks: Task[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Of the task at hand. */
  get leftMs(): number {
    return this.#tasks[0]!.leftMs;
  }

  work(ms: number, done: () => void): void {
    this.#tasks.push({ leftMs: ms, done });
    if (this.#tasks.length === 1) this.#machine.enqueue(this);
  }

  onRan(ms: number): void {
    const task = this.#tasks[0]!;
    task.leftMs -= ms;
    if (task.leftMs <= 0) this.#tasks.shift();
    if (this.#tasks.length > 0) this.#machine.enqueue(this);
    if (task.leftMs <= 0) task.done();
  }
}

interface SimulatedNode {
  readonly clients: Thread;
  readonly main: Thread;
  /** by group */
  readonly groups: readonly Thread[];
  readonly helpers: readonly Thread[];
}

/** One group over all nodes: how much of it is where. */
interface GroupProgress {
  readonly index: number;
  /** batches that all nodes have admitted */
  admitted: number;
  blocksUnderWay: number;
}

class SimulatedChain {
  readonly #input: ModelInput;
  readonly #agenda = new Agenda();
  readonly #nodes: readonly SimulatedNode[];
  readonly #generator: Thread | undefined;
  #nextEntry = 0;
  #blocks = 0;
  #committed = 0;

  constructor(input: ModelInput) {
    const { nodes, groups, cores, isOneMachine } = input;
    this.#input = input;
    const shared = new Machine(this.#agenda, cores);
    this.#generator = isOneMachine ? new Thread(shared) : undefined;
    this.#nodes = Array.from({ length: nodes }, () => {
      const machine = isOneMachine ? shared : new Machine(this.#agenda, cores);
      const threads = (count: number) => Array.from({ length: count }, () => new Thread(machine));
      const [clients, main] = threads(2) as [Thread, Thread];
      return { clients, main, groups: threads(groups), helpers: threads(HELPERS_OF_A_NODE) };
    });
  }

  run(): number {
    const { groups, uncommittedMax } = this.#input;
    for (let index = 0; index < groups; index++) {
      const group: GroupProgress = { index, admitted: 0, blocksUnderWay: 0 };
      for (const node of this.#nodes) this.#idle(node.groups[index]!);
      for (let sent = 0; sent < Math.max(1, uncommittedMax / BATCH); sent++) this.#send(group);
    }
    this.#agenda.runUntil(WARM_UP_MS);
    const before = this.#committed;
    this.#agenda.runUntil(WARM_UP_MS + MEASURED_MS);
    return ((this.#committed - before) * 1000) / MEASURED_MS;
  }

  #idle(thread: Thread): void {
    const workMs = (this.#input.idleMicrosPerSecond * IDLE_PERIOD_MS) / 1e6;
    if (workMs === 0) return;
    this.#agenda.after(IDLE_PERIOD_MS, () => {
      thread.work(workMs, () => undefined);
      this.#idle(thread);
    });
  }

  /** A batch from its client to the pools of all nodes. */
  #send(group: GroupProgress): void {
    const { costs } = this.#input;
    const entry = this.#nodes[this.#nextEntry++ % this.#nodes.length]!;
    const admitMs = batchMs(costs.group * ADMISSION_SHARE);
    const spreadMs = batchMs(costs.main / 2);
    const others = this.#nodes.filter((node) => node !== entry);
    const arrive = () =>
      entry.clients.work(batchMs(costs.clients), () =>
        entry.groups[group.index]!.work(admitMs, () => {
          let missing = others.length;
          const onAdmitted = () => {
            if (missing-- === 0) this.#onAdmitted(group);
          };
          entry.main.work(spreadMs, () => {
            onAdmitted();
            for (const node of others) {
              node.main.work(spreadMs, () => node.groups[group.index]!.work(admitMs, onAdmitted));
            }
          });
        }),
      );
    if (this.#generator === undefined) arrive();
    else this.#generator.work(batchMs(costs.generator), arrive);
  }

  #onAdmitted(group: GroupProgress): void {
    group.admitted++;
    this.#propose(group);
  }

  /** A block of all that is there: every node executes and stores it, and its clients send as much again. */
  #propose(group: GroupProgress): void {
    const batches = Math.min(group.admitted, BLOCK / BATCH);
    // A block that is not full waits for those before it.
    const isDue = batches === BLOCK / BATCH ? group.blocksUnderWay < BLOCKS_UNDER_WAY : group.blocksUnderWay === 0;
    if (batches === 0 || !isDue) return;
    const { costs } = this.#input;
    group.admitted -= batches;
    group.blocksUnderWay++;
    const number = this.#blocks++;
    let missing = this.#nodes.length;
    const onStored = () => {
      if (--missing > 0) return;
      group.blocksUnderWay--;
      this.#committed += batches * BATCH;
      for (let sent = 0; sent < batches; sent++) this.#send(group);
      this.#propose(group);
    };
    for (const node of this.#nodes) {
      const helper = node.helpers[number % node.helpers.length]!;
      const store = () =>
        helper.work(batches * batchMs(costs.helpers), () => this.#agenda.after(BLOCK_WAIT_MS, onStored));
      const execute = () =>
        node.groups[group.index]!.work(batches * batchMs(costs.group * (1 - ADMISSION_SHARE)), store);
      node.main.work(batches * batchMs(costs.main / 2), execute);
    }
  }
}

/** @param micros of one transaction */
function batchMs(micros: number): number {
  return (micros * BATCH) / 1000;
}
