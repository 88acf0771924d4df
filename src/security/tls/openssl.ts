/**
 * Certificates by the `openssl` program, which every machine has that checks certificates (ca-certificates needs it).
 * Keys are made by Node.js, and are handed over in files that only their owner reads.
 */
import { execFile } from "node:child_process";
import { KilnError, systemCode } from "../../base/errors.ts";

export interface CertificateRequest {
  readonly keyFile: string;
  /** Shown to people; at most 64 characters. */
  readonly commonName: string;
  /** Whole days from now. */
  readonly days: number;
  /** X.509v3 extensions as openssl writes them, for instance `basicConstraints=critical,CA:TRUE`. */
  readonly extensions: readonly string[];
  /** Absent: the certificate issues itself. */
  readonly issuer?: { readonly certFile: string; readonly keyFile: string };
}

/** An empty configuration: that of the system must not have a say. */
const noConfiguration = "/dev/null";

/** Answers with the certificate as PEM. Throws KilnError OPENSSL_MISSING, OPENSSL_FAILED. */
export function makeCertificate(request: CertificateRequest): Promise<string> {
  const { keyFile, commonName, days, extensions, issuer } = request;
  const own = ["req", "-new", "-x509", "-sha256", "-config", noConfiguration, "-key", keyFile];
  const parameters = [
    ...own,
    "-subj",
    `/O=Kiln/CN=${commonName}`,
    "-days",
    String(days),
    ...(issuer === undefined ? [] : ["-CA", issuer.certFile, "-CAkey", issuer.keyFile]),
    ...extensions.flatMap((extension) => ["-addext", extension]),
  ];
  return openssl(parameters).then((output) => output.toString("utf8"));
}

/** Of these DNS names; DER. Throws KilnError OPENSSL_MISSING, OPENSSL_FAILED. */
export function makeSigningRequest(keyFile: string, names: readonly string[]): Promise<Buffer> {
  const own = ["req", "-new", "-sha256", "-config", noConfiguration, "-key", keyFile, "-subj", "/", "-outform", "DER"];
  return openssl([...own, "-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`]);
}

function openssl(parameters: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile("openssl", [...parameters], { encoding: "buffer", timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(explained(error, stderr.toString()));
    });
  });
}

function explained(error: Error, stderr: string): KilnError {
  if (systemCode(error) === "ENOENT") {
    return new KilnError("OPENSSL_MISSING", "KILN_TLS=local and acme need the openssl program, which is not here.", {
      cause: error,
      hint: "Install it (apt-get install openssl), or give a certificate with --tls-cert and --tls-key.",
    });
  }
  return new KilnError("OPENSSL_FAILED", `openssl made no certificate: ${stderr.trim().slice(-500)}`, { cause: error });
}
