import {
  GROUP_NOT_FOUND,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PROCEDURE_IS_METHOD,
  RpcFailure,
  answersTooLong,
  batchTooLong,
  type Outcome,
  type RpcError,
} from './errors.js';
import { canonicalJson, type Json } from './json.js';
import { encodeTexts } from './encodeTexts.js';
import { ANSWER_CHARACTERS_MAX, BATCH_REQUESTS_MAX } from './limits.js';
import { GROUP_METHODS } from './methods/groupMethods.js';
import { flatObject } from './parameters.js';
import { NODE_METHODS, checkParameters } from './methods/nodeMethods.js';
import type { Caller, GroupGateway, GroupRequest, NodeView } from './ports.js';
import { readBody } from './requestBody.js';
import type { Turns } from './turns.js';

type RequestId = string | number | null;

/** A request that passed the envelope and its method's types: answered already, or on its way to a group. */
interface Call {
  readonly id: RequestId;
  readonly work: Outcome | Promise<Json> | { readonly groupId: number; readonly request: GroupRequest };
}

/** Turns the body of one HTTP request (or channel message) into its answer. */
export class Dispatcher {
  readonly #node: NodeView;
  readonly #groups: GroupGateway;
  readonly #turns: Turns;

  /** @param components.turns of all requests of the thread */
  constructor(components: { readonly node: NodeView; readonly groups: GroupGateway; readonly turns: Turns }) {
    this.#node = components.node;
    this.#groups = components.groups;
    this.#turns = components.turns;
  }

  /**
   * @param chunks JSON of one request or of a batch, in UTF-8
   * @param caller undefined over HTTP
   * @returns compact JSON with a final newline, in chunks: at least one
   */
  async answer(chunks: readonly Uint8Array[], caller?: Caller): Promise<readonly Buffer[]> {
    const read = await readBody(chunks, this.#turns);
    if (!read.ok) return refusal(read.reason);
    if (!read.value.isBatch) {
      const texts = await this.#run([this.#read(read.value.request, caller)]);
      return encodeTexts([...texts, '\n'], this.#turns);
    }
    const { count, pieces } = read.value;
    if (count === 0) return refusal(INVALID_REQUEST);
    if (count > BATCH_REQUESTS_MAX) return refusal(batchTooLong(count));
    const texts: string[] = [];
    let characters = 0;
    for (const piece of pieces) {
      if (texts.length > 0) await this.#turns.nextPiece();
      const calls = piece().map((entry) => this.#read(entry, caller, false));
      const isTooLong = characters > ANSWER_CHARACTERS_MAX;
      for (const text of await this.#run(isTooLong ? calls.map(withoutRoom) : calls)) {
        characters += text.length;
        texts.push(`${texts.length === 0 ? '[' : ','}${text}`);
      }
    }
    return encodeTexts([...texts, ']\n'], this.#turns);
  }

  /** Checks the envelope and the parameters in the order of 2.x, and answers what needs no group. */
  #read(entry: unknown, caller: Caller | undefined, wantsReceipt = true): Call {
    const refuse = (id: RequestId, error: RpcError): Call => ({ id, work: { ok: false, error } });
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return refuse(null, INVALID_REQUEST);
    const { jsonrpc, method, params, id: rawId } = entry as Record<string, unknown>;
    const id = isRequestId(rawId) ? rawId : null;
    const refusal = caller?.refusal(method, params);
    if (refusal !== undefined) return refuse(refusal.hidesId ? null : id, refusal.error);
    const hasId = Object.hasOwn(entry, 'id');
    if (jsonrpc !== '2.0' || typeof method !== 'string' || (hasId && !isRequestId(rawId))) {
      return refuse(id, INVALID_REQUEST);
    }
    if (params !== undefined && (typeof params !== 'object' || params === null)) return refuse(id, INVALID_REQUEST);
    const nodeMethod = NODE_METHODS.get(method);
    const groupMethod = GROUP_METHODS.get(method);
    if (nodeMethod === undefined && groupMethod === undefined) return refuse(id, METHOD_NOT_FOUND);
    if (!hasId) return refuse(null, PROCEDURE_IS_METHOD);
    try {
      if (groupMethod !== undefined) {
        const [groupId, ...rest] = checkParameters(params, ['integer', ...groupMethod.params]);
        const flat = rest.map((value) => (typeof value === 'object' && value !== null ? flatObject(value) : value));
        const isWatched = wantsReceipt && caller !== undefined;
        const request = isWatched ? { method, params: flat, watch: caller.watch } : { method, params: flat };
        return { id, work: { groupId: groupId as number, request } };
      }
      const types = nodeMethod!.params;
      const checked = types === undefined ? anyParameters(params) : checkParameters(params, types);
      const answer = nodeMethod!.run(this.#node, checked);
      return { id, work: answer instanceof Promise ? answer : { ok: true, json: canonicalJson(answer) } };
    } catch (error) {
      if (error instanceof RpcFailure) return refuse(id, error.error);
      throw error;
    }
  }

  /** Sends each group its requests in one go and puts the answers in order. */
  async #run(calls: readonly Call[]): Promise<string[]> {
    const byGroup = new Map<number, { requests: GroupRequest[]; positions: number[] }>();
    const texts: string[] = Array.from({ length: calls.length });
    for (const [position, { id, work }] of calls.entries()) {
      if (work instanceof Promise) {
        texts[position] = outcomeText(id, { ok: true, json: canonicalJson(await work) });
        continue;
      }
      if ('ok' in work) {
        texts[position] = outcomeText(id, work);
        continue;
      }
      const group = byGroup.get(work.groupId) ?? { requests: [], positions: [] };
      group.requests.push(work.request);
      group.positions.push(position);
      byGroup.set(work.groupId, group);
    }
    await Promise.all(
      [...byGroup].map(async ([groupId, { requests, positions }]) => {
        const outcomes = await this.#groups.request(groupId, requests);
        for (const [index, position] of positions.entries()) {
          const outcome = outcomes?.[index] ?? { ok: false, error: GROUP_NOT_FOUND };
          texts[position] = outcomeText(calls[position]!.id, outcome);
        }
      }),
    );
    return texts;
  }
}

/** What stands there of methods that take anything. */
function anyParameters(params: unknown): readonly unknown[] {
  return Array.isArray(params) ? params : [];
}

function isRequestId(value: unknown): value is RequestId {
  return value === null || typeof value === 'string' || Number.isSafeInteger(value);
}

/** What would go to a group is not asked any more. */
function withoutRoom(call: Call): Call {
  return 'groupId' in call.work ? { id: call.id, work: { ok: false, error: answersTooLong() } } : call;
}

/** To the body as a whole. */
function refusal(error: RpcError): readonly Buffer[] {
  return [Buffer.from(`${errorText(null, error)}\n`, 'utf8')];
}

function outcomeText(id: RequestId, outcome: Outcome): string {
  if (!outcome.ok) return errorText(id, outcome.error);
  return `{"id":${JSON.stringify(id)},"jsonrpc":"2.0","result":${outcome.json}}`;
}

function errorText(id: RequestId, { code, message, hasData }: RpcError): string {
  const error = hasData ? { code, data: null, message } : { code, message };
  return `{"error":${canonicalJson(error)},"id":${JSON.stringify(id)},"jsonrpc":"2.0"}`;
}
