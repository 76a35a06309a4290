import type { Server } from 'node:net';
import { failure, success, type Result } from '@menglian/base/result';

/** A port of `[rpc]` that clients connect to. */
export interface Listener {
  /** as a sentence begins */
  readonly name: string;
  /** of the configuration, without `_ip` and `_port` */
  readonly setting: string;
  readonly address: string;
  /** 0: any that is free */
  readonly port: number;
}

/** Opens the port. @returns a sentence for the operator when that cannot be */
export async function listenAt(server: Server, listener: Listener): Promise<Result<void>> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => resolve(failure(describe(error, listener)));
    server.once('error', onError);
    server.listen(listener.port, listener.address, () => {
      server.removeListener('error', onError);
      resolve(success(undefined));
    });
  });
}

/** The port listened on, of interest where it was to be any; 0 while there is none. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function describe(error: NodeJS.ErrnoException, listener: Listener): string {
  const { name, setting, address, port } = listener;
  const problem = `${name} cannot listen on ${address}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${problem}: another program has the port; stop it or set [rpc] ${setting}_port to a free one`;
    case 'EADDRNOTAVAIL':
      return `${problem}: this machine has no such address; set [rpc] ${setting}_ip to one it has`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `${problem}: that is no address; set [rpc] ${setting}_ip to one of this machine`;
    case 'EACCES':
      return `${problem}: not permitted; choose a port above 1024`;
    default:
      return `${problem}: ${error.code ?? error.message}`;
  }
}
