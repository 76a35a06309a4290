import { spawnSync } from 'node:child_process';
import type { CutOff, FaultyNetwork } from './faultyNetwork.js';

/** No machine has this address: packets for it are lost on the bridge. */
const NOWHERE = '02:00:00:00:00:01';

function ip(command: string): void {
  const { status, stderr } = spawnSync('ip', command.split(' '), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${command}: ${stderr}`);
}

/**
 * A network of the kernel for each node, joined by a bridge to which the test belongs too. A direction is cut by a false
 * hardware address in the neighbour table of the sender, so that its packets vanish as on a broken cable: connections
 * stay, and TCP sends again. There is no other style of a cut here.
 */
export class Namespaces implements FaultyNetwork {
  readonly #name = `ml${process.pid}`;
  readonly #subnet = `10.77.${process.pid % 250}`;
  readonly #count: number;
  readonly #port: number;
  #cut: (readonly [from: number, to: number])[] = [];

  /** @param port at which each node listens for the others */
  private constructor(count: number, port: number) {
    this.#count = count;
    this.#port = port;
  }

  /** Whether this machine lets us: one must be root, with the tools of iproute2 and a kernel that has bridges. */
  static areAvailable(): boolean {
    const probe = `mlp${process.pid}`;
    const isMade = ['netns add', 'link add type bridge name'].every(
      (command) => spawnSync('ip', [...command.split(' '), probe]).status === 0,
    );
    spawnSync('ip', ['link', 'del', probe]);
    spawnSync('ip', ['netns', 'del', probe]);
    return isMade;
  }

  static open(count: number, port: number): Namespaces {
    const network = new Namespaces(count, port);
    network.#make();
    return network;
  }

  /** The address of a node, for clients of the test. */
  host(node: number): string {
    return `${this.#subnet}.${node + 1}`;
  }

  /** Stands before the command of a node. */
  launcher(node: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.#namespace(node)];
  }

  peerAddress(_dialler: number, listener: number): string {
    return `${this.host(listener)}:${this.#port}`;
  }

  cut(isCutOff: CutOff): void {
    this.heal();
    for (let from = 0; from < this.#count; from++) {
      for (let to = 0; to < this.#count; to++) if (from !== to && isCutOff(from, to)) this.#cut.push([from, to]);
    }
    for (const [from, to] of this.#cut) {
      ip(`-n ${this.#namespace(from)} neigh replace ${this.host(to)} lladdr ${NOWHERE} dev eth0 nud permanent`);
    }
  }

  heal(): void {
    for (const [from, to] of this.#cut) ip(`-n ${this.#namespace(from)} neigh del ${this.host(to)} dev eth0`);
    this.#cut = [];
  }

  async close(): Promise<void> {
    // Each takes its half of a pair of devices along, and the other half goes with it.
    for (let node = 0; node < this.#count; node++) ip(`netns del ${this.#namespace(node)}`);
    ip(`link del ${this.#name}`);
    return Promise.resolve();
  }

  #namespace(node: number): string {
    return `${this.#name}-${node}`;
  }

  #make(): void {
    ip(`link add ${this.#name} type bridge`);
    ip(`addr add ${this.#subnet}.254/24 dev ${this.#name}`);
    ip(`link set ${this.#name} up`);
    for (let node = 0; node < this.#count; node++) {
      const [namespace, device] = [this.#namespace(node), `${this.#name}-${node}`];
      ip(`netns add ${namespace}`);
      ip(`link add ${device} type veth peer name eth0 netns ${namespace}`);
      ip(`link set ${device} master ${this.#name} up`);
      ip(`-n ${namespace} addr add ${this.host(node)}/24 dev eth0`);
      ip(`-n ${namespace} link set eth0 up`);
      ip(`-n ${namespace} link set lo up`);
    }
  }
}
