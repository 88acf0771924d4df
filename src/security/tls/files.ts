/**
 * A certificate and its key out of two files that somebody else renews, such as an ACME client. They are looked at every
 * second: that costs two `stat`, and works for links, mounts and network file systems alike.
 */
import { readFile, stat } from "node:fs/promises";
import { KilnError, messageOf } from "../../base/errors.ts";
import type { CertificateSource, KeyPair } from "./contract.ts";
import { checkPair, hasOwnRoot } from "./pair.ts";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly report: (error: unknown) => void;
  /** ms between two looks. */
  readonly everyMs?: number;
}

/** Throws KilnError TLS_CERTIFICATE_UNUSABLE. */
export async function certificateFiles(files: CertificateFiles): Promise<CertificateSource> {
  const { certFile, keyFile, report, everyMs = 1000 } = files;
  let seen = await markOf(certFile, keyFile);
  let pair = await readPair(certFile, keyFile);
  /** A change that may not be over: the two files cannot be replaced at once. */
  let changing: string | undefined;
  const listeners: ((pair: KeyPair) => void)[] = [];

  async function take(mark: string): Promise<void> {
    seen = mark;
    changing = undefined;
    try {
      const next = await readPair(certFile, keyFile);
      if (next.cert === pair.cert && next.key === pair.key) return;
      pair = next;
      for (const listener of listeners) listener(pair);
    } catch (error) {
      report(error);
    }
  }

  async function lookAgain(): Promise<void> {
    const mark = await markOf(certFile, keyFile);
    if (mark === seen) changing = undefined;
    else if (mark === changing) await take(mark);
    else changing = mark;
  }

  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void lookAgain().finally(() => (looking = false));
  }, everyMs);
  timer.unref();

  return {
    current: () => pair,
    listen: (listener) => void listeners.push(listener),
    look: async () => take(await markOf(certFile, keyFile)),
    // With a root of its own beside it, nothing else has to be known to trust it.
    caFile: hasOwnRoot(pair.cert) ? certFile : undefined,
    close: () => clearInterval(timer),
  };
}

async function readPair(certFile: string, keyFile: string): Promise<KeyPair> {
  const [cert, key] = await Promise.all([certFile, keyFile].map(readText));
  const pair = { cert: cert ?? "", key: key ?? "" };
  checkPair(pair, certFile, Date.now());
  return pair;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new KilnError("TLS_CERTIFICATE_UNUSABLE", `${file} cannot be read: ${messageOf(error)}.`, {
      cause: error,
      hint: "--tls-cert and --tls-key name PEM files that the user of Kiln can read.",
    });
  }
}

/** Changes with either file; what is not there has a mark too. */
async function markOf(...files: string[]): Promise<string> {
  const marks = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
        () => "none",
      ),
    ),
  );
  return marks.join(" ");
}
