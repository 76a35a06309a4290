/** What a port of `[rpc]` could not be opened for, as a sentence for the operator. */
export function describeListenError(
  error: NodeJS.ErrnoException,
  listener: {
    /** as a sentence begins */
    readonly name: string;
    /** of the configuration, without `_ip` and `_port` */
    readonly setting: string;
    readonly address: string;
    readonly port: number;
  },
): string {
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
