import type { SuiteName } from '@menglian/crypto/suite';
import { NodeMethods } from './rpc/nodeMethods.js';
import type { Transport } from './transport.js';

/** Asks a node which algorithms its chain uses: what accounts of the chain have to be of. @throws SdkError */
export async function suiteOfChain(transport: Transport): Promise<SuiteName> {
  // All groups of a node have the same.
  const { suite } = await new NodeMethods(transport, 1).getClientVersion();
  return suite;
}
