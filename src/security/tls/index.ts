import { hostname } from "node:os";
import { isIP } from "node:net";
import type { Clock } from "../../base/clock.ts";
import type { AcmeSettings } from "./acme/certificates.ts";
import type { CertificateSource } from "./contract.ts";
import { certificateFiles } from "./files.ts";
import { localCertificates } from "./local-ca.ts";

export type { CertificateSource, KeyPair } from "./contract.ts";
export { localCaFile } from "./local-ca.ts";
export { nameFor } from "./pair.ts";

/** What the configuration says of TLS. */
export type TlsSettings =
  | { readonly kind: "off" }
  | { readonly kind: "files"; readonly certFile: string; readonly keyFile: string }
  | { readonly kind: "local"; readonly names: readonly string[] }
  | ({ readonly kind: "acme" } & AcmeSettings);

export interface OpenCertificates {
  readonly tls: TlsSettings;
  readonly stateDir: string;
  readonly region: string;
  /** Where the listener is. */
  readonly host: string;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** Undefined without TLS. Throws KilnError. */
export async function openCertificates(options: OpenCertificates): Promise<CertificateSource | undefined> {
  const { tls, report } = options;
  if (tls.kind === "off") return undefined;
  if (tls.kind === "files") return certificateFiles({ ...tls, report });
  if (tls.kind === "acme") {
    const { acmeCertificates } = await import("./acme/certificates.ts");
    return acmeCertificates({ ...options, ...tls });
  }
  return localCertificates({ ...options, names: localNames(options, tls.names) });
}

const everywhere = new Set(["0.0.0.0", "::"]);
const dnsName = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Those by which this machine is called, those of function URLs, and those that are configured. */
function localNames({ region, host }: OpenCertificates, more: readonly string[]): string[] {
  const own = [hostname().toLowerCase(), host.toLowerCase()].filter(
    (name) => !everywhere.has(name) && (isIP(name) !== 0 || dnsName.test(name)),
  );
  return [...new Set(["localhost", "127.0.0.1", "::1", `*.lambda-url.${region}.localhost`, ...own, ...more])];
}
