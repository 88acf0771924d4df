/** A TLS server that functions find at a port of their own loopback, and what their handshakes were made of. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import type { ServedPort } from "../../../src/sandbox/contract.ts";

export interface TlsServer {
  served: ServedPort;
  /** NSS key log lines (SSLKEYLOGFILE): a label, the client's random bytes, a secret. */
  readonly lines: string[];
}

function certificate(): { key: Buffer; cert: Buffer } {
  const dir = mkdtempSync(join(tmpdir(), "kiln-clones-"));
  try {
    const [key, cert] = [join(dir, "key"), join(dir, "cert")];
    const subject = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=clones"];
    execFileSync("openssl", ["req", ...subject, "-days", "2", "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export function tlsServer(port: number): TlsServer {
  const lines: string[] = [];
  // Of TLS 1.2 Python tells a value that depends on the session's keys.
  const server = createServer({ ...certificate(), maxVersion: "TLSv1.2" }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.resume();
  });
  server.on("keylog", (line: Buffer) => void lines.push(line.toString().trim()));
  server.on("tlsClientError", () => undefined);
  return { lines, served: { port, onConnection: (socket) => void server.emit("connection", socket) } };
}
