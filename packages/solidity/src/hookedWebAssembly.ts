import type { HashSwitch } from './hashSwitch.js';
import { type HookedWasm, hookWasm } from './wasmHook.js';

/** The parts of JavaScript's `WebAssembly` that compilers use; the language's types leave it to the platform. */
interface Platform {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new () => { readonly buffer: ArrayBuffer };
}

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Memory = InstanceType<Platform['Memory']>;

const platform = (globalThis as unknown as { readonly WebAssembly: Platform }).WebAssembly;

/** `WebAssembly` for one compiler: changes the module on its way in, and answers when the permutation asks. */
export class HookedWebAssembly {
  /** in place of the global object */
  readonly api: object;
  readonly #switch: HashSwitch;
  #hooked: HookedWasm | undefined;
  #refusal = 'its machine code was not found';

  constructor(hashSwitch: HashSwitch) {
    this.#switch = hashSwitch;
    const { Module, Instance } = platform;
    const construct = {
      module: (_: unknown, [bytes]: unknown[]) => new Module(this.#change(bytes as Uint8Array | ArrayBuffer)),
      instance: (_: unknown, [module, imports]: unknown[]) => this.#start(module as object, imports as Imports),
    };
    this.api = Object.create(platform, {
      Module: { value: new Proxy(Module, { construct: construct.module }) },
      Instance: { value: new Proxy(Instance, { construct: construct.instance }) },
    });
  }

  /** why the compiler runs unchanged; undefined if it does not */
  get refusal(): string | undefined {
    return this.#hooked === undefined ? this.#refusal : undefined;
  }

  #change(given: Uint8Array | ArrayBuffer): Uint8Array {
    const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given;
    const hooked = hookWasm(bytes);
    if (hooked.ok) this.#hooked = hooked.value;
    else this.#refusal = hooked.reason;
    return hooked.ok ? hooked.value.bytes : bytes;
  }

  #start(module: object, imports: Imports): object {
    const hooked = this.#hooked;
    if (hooked === undefined) return new platform.Instance(module, imports);
    const { importModule, importField, request } = hooked;
    const original = imports[importModule]![importField] as (...values: unknown[]) => unknown;
    let memory = memoryAmong(Object.values(imports).flatMap((fields) => Object.values(fields)));
    const stand = (...values: unknown[]): unknown => {
      const words = memory === undefined ? undefined : new DataView(memory.buffer);
      const state = words?.getUint32(request, true) ?? 0;
      if (words === undefined || state === 0) return original(...values);
      words.setUint32(request, 0, true);
      this.#switch.permute(new Uint8Array(memory!.buffer), state);
      return hooked.answer;
    };
    const changed = { ...imports, [importModule]: { ...imports[importModule], [importField]: stand } };
    const instance = new platform.Instance(module, changed);
    memory ??= memoryAmong(Object.values(instance.exports));
    return instance;
  }
}

function memoryAmong(values: readonly unknown[]): Memory | undefined {
  return values.find((value) => value instanceof platform.Memory) as Memory | undefined;
}
