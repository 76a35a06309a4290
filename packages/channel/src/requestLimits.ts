/** Requests a second, as `[flow_control] limit_req` of a node and of its groups allows them (docs/configuration.md). */
export class RequestLimits {
  readonly #nowMs: () => number;
  readonly #node: Bucket | undefined;
  readonly #groups = new Map<number, Bucket>();

  /** @param node of all groups together; 0: no limit. @param nowMs monotonic */
  constructor(node: number, nowMs: () => number) {
    this.#nowMs = nowMs;
    if (node > 0) this.#node = new Bucket(node, nowMs());
  }

  /** @param limit 0: none */
  setGroup(groupId: number, limit: number): void {
    if (limit > 0) this.#groups.set(groupId, new Bucket(limit, this.#nowMs()));
    else this.#groups.delete(groupId);
  }

  /** Counts a request. SDKs need `getClientVersion` to connect: it is always allowed, as in 2.x. */
  take(method: string, groupId: number | undefined): boolean {
    if (method === 'getClientVersion') return true;
    const group = groupId === undefined ? undefined : this.#groups.get(groupId);
    const nowMs = this.#nowMs();
    if (this.#node?.isEmpty(nowMs) === true || group?.isEmpty(nowMs) === true) return false;
    this.#node?.take();
    group?.take();
    return true;
  }
}

/** Fills up with so many tokens a second, and holds those of one second. */
class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAtMs = nowMs;
  }

  isEmpty(nowMs: number): boolean {
    const added = ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + added);
    this.#filledAtMs = nowMs;
    return this.#tokens < 1;
  }

  take(): void {
    this.#tokens -= 1;
  }
}
