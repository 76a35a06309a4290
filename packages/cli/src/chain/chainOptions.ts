/**
 * What a person may ask of the chain builder: the options of 2.x's build_chain.sh, as text, unchecked. The letter of
 * each is in the comment. `planChain` checks them.
 */
export interface ChainOptions {
  /** -l `ip1:n1,ip2:n2` */
  readonly hosts?: string;
  /** -f path of a file of hosts, agencies and groups */
  readonly file?: string;
  /** -o folder, must not exist; `nodes` */
  readonly output?: string;
  /** -p `p2p,channel,jsonrpc`; `30300,20200,8545` */
  readonly ports?: string;
  /** -v */
  readonly supportedVersion?: string;
  /** -i: JSON-RPC listens on all interfaces */
  readonly publicRpc?: boolean;
  /** -s */
  readonly storage?: string;
  /** -c */
  readonly consensus?: string;
  /** -C */
  readonly chainId?: string;
  /** -R: the channel port uses the chain's certificates instead of RSA ones */
  readonly chainCertificatesOnChannel?: boolean;
  /** -X days */
  readonly days?: string;
  /** -k folder with ca.key, ca.crt and perhaps root.crt */
  readonly authority?: string;
  /** -N: the chain authority signs nodes itself */
  readonly withoutAgencies?: boolean;
  /** -6 */
  readonly ipv6?: boolean;
  /** -d: scripts start containers */
  readonly containers?: boolean;
  /** -D: one self-contained folder a node, named by address and port */
  readonly deployLayout?: boolean;
  /** -z: an archive a host */
  readonly archives?: boolean;
  /** -Z: the client's files in every node's folder too */
  readonly copySdk?: boolean;
  /** -T */
  readonly debugLog?: boolean;
  /** -S */
  readonly statistics?: boolean;
  /** -F */
  readonly withoutFlush?: boolean;
  /** -E */
  readonly freeStorage?: boolean;
  /** -g: a chain with SM algorithms */
  readonly sm?: boolean;
  /** -G: the channel port uses SM certificates; only with -g */
  readonly smChannel?: boolean;
  /** -K folder with gmca.key, gmca.crt and perhaps gmroot.crt; only with -g */
  readonly smAuthority?: string;
  /** groups 1 to so many on all nodes of -l; ours, without a letter */
  readonly groups?: string;
  /** -e, -t: without meaning here, refused with the reason */
  readonly executable?: string;
  readonly opensslConfiguration?: string;
}

export const DEFAULT_OUTPUT = 'nodes';
export const DEFAULT_PORTS = '30300,20200,8545';
export const DEFAULT_DAYS = '36500';
