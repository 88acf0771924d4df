/** Certificates for tests, by a CA that exists for the test alone. */
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificate } from "../../src/security/tls/openssl.ts";

export interface TestAuthority {
  readonly certFile: string;
  /** Puts a new pair in the place of the files `cert.pem` and `key.pem`; answers with its serial number. */
  renew(): Promise<string>;
  readonly files: { readonly certFile: string; readonly keyFile: string };
}

async function newKeyFile(file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return file;
}

export async function testAuthority(folder: string): Promise<TestAuthority> {
  const authority = { certFile: join(folder, "ca.pem"), keyFile: await newKeyFile(join(folder, "ca.key")) };
  const root = { keyFile: authority.keyFile, commonName: "test CA", days: 2 };
  await writeFile(
    authority.certFile,
    await makeCertificate({ ...root, extensions: ["basicConstraints=critical,CA:TRUE"] }),
  );
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  return {
    certFile: authority.certFile,
    files,
    async renew() {
      const keyFile = await newKeyFile(join(folder, "next.key"));
      const extensions = ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
      const cert = await makeCertificate({ keyFile, commonName: "test", days: 1, extensions, issuer: authority });
      await writeFile(join(folder, "next.pem"), cert);
      await rename(join(folder, "next.pem"), files.certFile);
      await rename(keyFile, files.keyFile);
      return new X509Certificate(cert).serialNumber;
    },
  };
}
