/** Server and clients of one consortium, from its SM certificates. */
import { equalBytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { readCertificate, type Certificate } from '@menglian/certificates/certificate';
import type { SmCredentials } from '@menglian/certificates/credentials';
import { verifyShownPair, type PairReason } from '@menglian/certificates/smPair';
import { Alert, type Fault } from './alert.js';
import type { ClientAuthentication, TlcpIdentity, VerifiedClient } from './identity.js';

/** What tells most to who reads it in the log of a client; everything else is a bad certificate. */
const ALERTS: Readonly<Partial<Record<PairReason, Alert>>> = {
  Expired: Alert.certificateExpired,
  UnknownAuthority: Alert.unknownAuthority,
  UnsupportedAlgorithm: Alert.unsupportedCertificate,
  MixedAlgorithms: Alert.unsupportedCertificate,
  NotSm2: Alert.unsupportedCertificate,
};

export function identityOf({ signingKey, signing: holder, encryptionKey, shown }: SmCredentials): TlcpIdentity {
  const [signing, encryption, ...above] = shown;
  return {
    signingKey: signingKey.key,
    signingPublicKey: holder.publicKey,
    signingChain: [signing!, ...above],
    encryptionKey: encryptionKey.key,
    encryptionCertificate: encryption!,
  };
}

/**
 * Lets in whoever has certificates below the authorities that are trusted here.
 * @param isSameAgency only those whose certificates come from whom the server's own come from
 */
export function clientsOf(
  { shown, anchors }: SmCredentials,
  isSameAgency: boolean,
  nowMs: () => number,
): ClientAuthentication {
  const own = shown.flatMap(certificateOf);
  const above = own.filter(({ fields }) => fields.isAuthority);
  const issuer = own[0]!.fields.issuer;
  return {
    authorityNames: distinct([...anchors, ...above].map(({ fields }) => fields.subject)),
    verify: (certificates) => {
      const pair = verifyShownPair(inOrder(certificates, above), anchors, nowMs());
      if (!pair.ok) {
        return failure({ alert: ALERTS[pair.reason.reason] ?? Alert.badCertificate, reason: pair.reason.sentence });
      }
      const { signing, encryption } = pair.value;
      if (isSameAgency && !equalBytes(certificateOf(certificates[0]!)[0]!.fields.issuer, issuer)) return OTHER_AGENCY;
      return success({
        certificate: certificates[0]!.slice(),
        signingKey: signing.publicKey.slice(),
        encryptionKey: encryption?.publicKey.slice(),
      });
    },
  };
}

const OTHER_AGENCY: Result<VerifiedClient, Fault> = failure({
  alert: Alert.badCertificate,
  reason: "the client's certificate is of another agency; issue it there, or set check_cert_issuer=false",
});

/**
 * The second certificate stands second in the standard; TASSL puts those above the first between the two. A client that
 * leaves those above out may be of the server's own agency.
 * @param ownAbove those above the server's own certificate
 */
function inOrder([first, ...rest]: readonly Uint8Array[], ownAbove: readonly Certificate[]): Uint8Array[] {
  const above = rest.filter((der) => certificateOf(der)[0]?.fields.isAuthority === true);
  const second = rest.filter((der) => !above.includes(der));
  const issuer = certificateOf(first!)[0]?.fields.issuer;
  const agency = ownAbove[0]?.fields.subject;
  const isOfAgency = issuer !== undefined && agency !== undefined && equalBytes(issuer, agency);
  return [first!, ...second, ...(above.length === 0 && isOfAgency ? ownAbove.map(({ der }) => der) : above)];
}

function certificateOf(der: Uint8Array): Certificate[] {
  const certificate = readCertificate(der);
  return certificate.ok ? [certificate.value] : [];
}

function distinct(names: readonly Uint8Array[]): Uint8Array[] {
  return names.filter((name, i) => names.findIndex((other) => equalBytes(other, name)) === i);
}
