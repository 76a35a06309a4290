import type { SuiteName } from '@menglian/crypto/suite';
import type { RpcRequest } from '@menglian/sdk/transport';
import { ConsoleHome } from '../home.js';
import { Session, type SessionOptions } from '../session.js';
import type { Terminal } from '../terminal.js';

/** What a node answers to getClientVersion: it tells the console its chain's algorithms. */
export function clientVersion(suite: SuiteName = 'ecdsa'): Readonly<Record<string, string>> {
  return {
    'Build Time': '',
    'Build Type': '',
    'Chain Id': '1',
    'FISCO-BCOS Version': suite === 'sm' ? '2.11.0 gm' : '2.11.0',
    'Git Branch': '',
    'Git Commit Hash': '',
    'Supported Version': '2.11.0',
  };
}

interface TestSession extends Omit<Partial<SessionOptions>, 'terminal'> {
  /** of the console, and where contracts are looked for */
  readonly folder: string;
  readonly suite?: SuiteName;
  /** of the node to all requests but that for its version */
  readonly answer?: (request: RpcRequest) => unknown;
  readonly terminal?: Partial<Terminal>;
}

/** A session before a node that only answers, at a terminal where nobody types. */
export function testSession({ folder, suite, answer, terminal, ...others }: TestSession): Session {
  return new Session({
    transport: {
      request: async (request) => (request.method === 'getClientVersion' ? clientVersion(suite) : answer?.(request)),
      close: () => {},
    },
    groupId: 1,
    language: 'en',
    home: new ConsoleHome(folder),
    folder,
    terminal: {
      progress: () => {},
      say: () => {},
      askSecret: async () => undefined,
      interrupt: new AbortController().signal,
      ...terminal,
    },
    ...others,
  });
}
