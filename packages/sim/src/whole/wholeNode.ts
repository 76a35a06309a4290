import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { LedgerError } from '@menglian/ledger/errors';
import type { Clock, Timers } from '@menglian/node/group/clock';
import { RunningGroup } from '@menglian/node/group/runningGroup';
import type { Plane } from '@menglian/node/group/threadProtocol';
import type { GroupTuning } from '@menglian/node/config/groupConfig';
import { StorageError } from '@menglian/storage/errors';
import type { NodeId } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import { SimulatedDisk, type DiskSpeed } from './simulatedDisk.js';
import type { PlannedEvent, VirtualTime } from './virtualTime.js';

/** What a node's clocks show: the wall clock of a machine may be anywhere. */
const EPOCH_MS = 1_700_000_000_000;

export interface WholeNodeOptions {
  readonly index: number;
  readonly nodeId: NodeId;
  readonly privateKey: Uint8Array;
  readonly suite: CryptoSuite;
  readonly genesis: GenesisConfig;
  readonly tuning: GroupTuning;
  readonly chainId: number;
  readonly diskSpeed: DiskSpeed;
}

/** What a node tells the world around it. */
export interface WholeNodeEvents {
  send(node: WholeNode, to: readonly NodeId[], plane: Plane, payload: Uint8Array): void;
  /** The ledger is open and the host runs. */
  onStarted(node: WholeNode): void;
  /** A new head is stored. */
  onHead(node: WholeNode): void;
  onDown(node: WholeNode, why: string): void;
  /** It stopped by itself, and nothing that was done to it explains that. */
  onFailure(node: WholeNode, error: unknown): void;
  log(node: WholeNode, text: string): void;
}

/** A node: the real group host on a simulated disk, which can die and start again at any moment. */
export class WholeNode {
  readonly options: WholeNodeOptions;
  readonly disk: SimulatedDisk;
  readonly #time: VirtualTime;
  readonly #events: WholeNodeEvents;
  readonly #timers = new Set<PlannedEvent>();
  #life = 0;
  #group: RunningGroup | undefined;
  #isRunning = false;
  #pausedUntilMs = 0;
  /** Added to the wall clock, which moves no timer. */
  wallOffsetMs = 0;
  /** Whatever it does, it counts as faulty from now on: its disk is spoilt. */
  isSpoilt = false;
  /** The disk was told to fail: then the node must stop. */
  mayFail = false;

  constructor(time: VirtualTime, options: WholeNodeOptions, seed: number, events: WholeNodeEvents) {
    this.#time = time;
    this.#events = events;
    this.options = options;
    this.disk = new SimulatedDisk(time, new SeededRandom(seed), options.diskSpeed);
    this.disk.onCrash = () => this.#die('in a write');
  }

  get index(): number {
    return this.options.index;
  }

  get nodeId(): NodeId {
    return this.options.nodeId;
  }

  /** The process runs, whether or not its ledger is open yet. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The group at work; undefined while it is down or starting. */
  get group(): RunningGroup | undefined {
    return this.#group;
  }

  get height(): number {
    return this.#group?.ledger.head().number ?? 0;
  }

  start(): void {
    invariant(!this.#isRunning, 'sim/start-twice');
    this.#isRunning = true;
    const life = ++this.#life;
    void this.#open(life)
      .then((group) => {
        if (life !== this.#life) return;
        this.#group = group;
        group.start();
        this.#events.onStarted(this);
      })
      .catch((error: unknown) => {
        if (life === this.#life) this.#fail(error);
      });
  }

  /** The process dies; `power`: with its machine. */
  crash(kind: 'process' | 'power'): void {
    if (!this.#isRunning) return;
    if (kind === 'process') this.disk.kill();
    else this.disk.losePower();
    this.#die(kind);
  }

  /** Nothing happens in the process for a while; messages and timers wait. */
  pause(durationMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#time.nowMs + durationMs);
  }

  resume(): void {
    this.#pausedUntilMs = 0;
  }

  receive(from: NodeId, plane: Plane, payload: Uint8Array): void {
    this.#awake(() => this.#group?.onMessage(from, plane, payload));
  }

  notice(kind: 'peerUp' | 'peerDown', nodeId: NodeId): void {
    this.#awake(() => this.#group?.onPeer(kind, nodeId));
  }

  async #open(life: number): Promise<RunningGroup> {
    const { suite, genesis, tuning, chainId, nodeId, privateKey } = this.options;
    const store = await this.disk.open();
    const isAlive = () => life === this.#life;
    const group = await RunningGroup.open(
      { chainId, nodeId, privateKey, genesis, tuning, actAsGroupMember: false },
      {
        suite,
        // What is simulated recovers no key in the EVM.
        ecdsa: suite,
        store,
        clock: this.#clock(),
        timers: this.#timersOf(life),
        send: (to, plane, payload) => {
          if (isAlive()) this.#events.send(this, to, plane, payload);
        },
        log: (level, text) => {
          if (isAlive()) this.#events.log(this, `${level} ${text}`);
        },
        onHead: () => {
          if (isAlive() && this.#group !== undefined) this.#events.onHead(this);
        },
        fail: (error) => {
          if (isAlive()) this.#fail(error);
        },
      },
    );
    if (!group.ok) throw new LedgerError('ledger/stopped', group.reason);
    return group.value;
  }

  #fail(error: unknown): void {
    const isOfDisk = error instanceof StorageError || error instanceof LedgerError;
    const reason = error instanceof Error ? error.message : String(error);
    if (!this.isSpoilt && !(this.mayFail && isOfDisk)) this.#events.onFailure(this, error);
    this.disk.kill();
    this.#die(reason);
  }

  #die(why: string): void {
    this.#life++;
    this.#isRunning = false;
    this.#group = undefined;
    this.#pausedUntilMs = 0;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#events.onDown(this, why);
  }

  #clock(): Clock {
    return {
      monotonicMs: () => this.#time.nowMs,
      wallMs: () => EPOCH_MS + this.#time.nowMs + this.wallOffsetMs,
    };
  }

  #timersOf(life: number): Timers {
    const after = (delayMs: number, run: () => void): (() => void) => {
      let isCancelled = false;
      const planned = this.#time.after(delayMs, () => {
        this.#timers.delete(planned);
        // What was cancelled while the process stood still does not run when it goes on.
        this.#awake(() => (isCancelled ? undefined : run()));
      });
      this.#timers.add(planned);
      return () => {
        isCancelled = true;
        this.#timers.delete(planned);
        planned.cancel();
      };
    };
    return {
      setTimer: (run, delayMs) => after(delayMs, run),
      soon: (run) => after(0, run),
      setInterval: (run, periodMs) => {
        let cancel = (): void => {};
        const again = (): void => {
          cancel = after(periodMs, () => {
            // Planned first, so that `run` may cancel it.
            if (life === this.#life) again();
            run();
          });
        };
        again();
        return () => cancel();
      },
    };
  }

  /** Runs now, or when the process goes on. */
  #awake(run: () => void): void {
    const waitMs = this.#pausedUntilMs - this.#time.nowMs;
    if (waitMs <= 0) return run();
    const life = this.#life;
    this.#time.after(waitMs, () => {
      if (life === this.#life) this.#awake(run);
    });
  }
}
