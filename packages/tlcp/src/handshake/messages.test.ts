import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '@menglian/base/bytes';
import {
  encodeCertificates,
  encodeExchangePoint,
  parseCertificates,
  parseClientHello,
  parseEncryptedSecret,
  parseExchangePoint,
  parseSignature,
} from './messages.js';

/** As python-sdk sends it, built on TASSL 1.0.2: TLS 1.2, and one suite of SM among others. */
const PYTHON_SDK_HELLO = fromHex(
  '030319a8938562c818ecb15154bd0a1cf22e581d216e348db028325b4b99891c1aa700006e00a500a300a1009f006b006a006900680039003800' +
    '3700360088008700860085009d003d0035008400a400a200a0009e00670040003f003e0033003200310030e011009a00990098009700450044' +
    '00430042009c003c002f00960041000700050004001600130010000d000a00ff0100005b000b000403000102000a001e001c001d0017001900' +
    '1c001b0018001a0016000e000d000b000c0009000a00230000000d0024002207010703060106020603050105020503040104020403030103020' +
    '303020102020203000f000101',
);

describe('ClientHello', () => {
  it('of python-sdk is read', () => {
    const hello = parseClientHello(PYTHON_SDK_HELLO)!;
    expect(hello.version).toBe(0x0303);
    expect(hello.sessionId).toHaveLength(0);
    expect(hello.cipherSuites.filter((suite) => suite >> 8 === 0xe0)).toEqual([0xe011]);
    expect(hello.groups[0]).toBe(29);
    expect(hello.signatures).toContain(0x0703);
    expect([hello.canLeavePlain, hello.knowsRenegotiation]).toEqual([true, true]);
  });

  it('cut anywhere is none, but where its extensions begin', () => {
    const whole = [];
    for (let length = 0; length < PYTHON_SDK_HELLO.length; length++) {
      if (parseClientHello(PYTHON_SDK_HELLO.subarray(0, length)) !== undefined) whole.push(length);
    }
    expect(whole).toEqual([2 + 32 + 1 + 2 + 110 + 2]);
  });

  it('with an extension twice, or a binding to another handshake, is none', () => {
    const head = PYTHON_SDK_HELLO.subarray(0, 149);
    const withExtensions = (hex: string) => {
      const list = Buffer.from(hex, 'hex');
      return parseClientHello(Buffer.concat([head, Buffer.from([0, list.length]), list]));
    };
    expect(withExtensions('0023000000230000')).toBeUndefined();
    expect(withExtensions('ff0100020102')).toBeUndefined();
    expect(withExtensions('ff01000100')).toBeDefined();
    expect(withExtensions('000a0003000129')).toBeUndefined();
  });
});

describe('parsers', () => {
  it('take any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        parseClientHello(bytes);
        parseCertificates(bytes);
        parseExchangePoint(bytes);
        parseEncryptedSecret(bytes);
        parseSignature(0x0101, bytes);
        parseSignature(0x0303, bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('read what was written', () => {
    const certificates = [Buffer.from('one'), Buffer.from('two')];
    expect(parseCertificates(encodeCertificates(certificates))!.map((one) => Buffer.from(one))).toEqual(certificates);
    expect(parseCertificates(encodeCertificates([]))).toEqual([]);
    const point = new Uint8Array(64).fill(9);
    expect(parseExchangePoint(encodeExchangePoint(29, point))).toEqual(point);
    const withLength = Buffer.concat([Buffer.from([0, 69]), encodeExchangePoint(41, point)]);
    expect(new Uint8Array(parseExchangePoint(withLength)!)).toEqual(point);
  });

  it('take no more certificates than the limit, and no empty ones', () => {
    const many = (count: number) => encodeCertificates(Array.from({ length: count }, () => Buffer.from('x')));
    expect([parseCertificates(many(8))?.length, parseCertificates(many(9))]).toEqual([8, undefined]);
    expect(parseCertificates(encodeCertificates([Buffer.alloc(0)]))).toBeUndefined();
  });
});
