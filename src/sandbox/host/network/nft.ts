/** nft(8) as a child process. A text that it reads is one transaction: all of it or nothing. */
import { spawn } from "node:child_process";
import { KilnError, systemCode } from "../../../base/errors.ts";
import { SystemCallError } from "../libc.ts";
import { NETLINK_NETFILTER, openNetlink, text } from "./netlink.ts";

/** Longer than any change takes; another program may hold the kernel's lock. */
const TIMEOUT_MS = 20_000;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MOST_OUTPUT = 64 * 1024;

function nft(args: readonly string[], input: string): Promise<string> {
  const child = spawn("nft", args, { env: { PATH }, timeout: TIMEOUT_MS, killSignal: "SIGKILL" });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (stdout.length < MOST_OUTPUT) stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (stderr.length < MOST_OUTPUT) stderr += chunk.toString();
  });
  // A program that ends before it has read everything says why on standard error.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      const hint = systemCode(error) === "ENOENT" ? { hint: "Install the package nftables." } : {};
      reject(new KilnError("NFT_FAILED", `Cannot run nft: ${error.message}`, { ...hint, cause: error }));
    });
    child.once("close", (status, signal) => {
      if (status === 0) resolve(stdout);
      else reject(new KilnError("NFT_FAILED", `nft ended with ${signal ?? status}: ${firstLines(stderr)}`));
    });
  });
}

function firstLines(text: string): string {
  return text.trim().split("\n").slice(0, 3).join(" ");
}

export async function applyRules(text: string): Promise<void> {
  await nft(["-f", "-"], text);
}

/** Whether it was there. Throws KilnError where it is and cannot be removed. */
export async function removeTable(table: string): Promise<boolean> {
  if (!(await isThere(table))) return false;
  await nft(["delete", "table", "inet", table], "");
  return true;
}

/** Asks the kernel itself, which is quicker than nft(8). One that has no tables has none of Kiln's. */
async function isThere(table: string): Promise<boolean> {
  let watch: TableWatch | undefined;
  try {
    watch = watchTable(table);
    return await watch.exists();
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  } finally {
    await watch?.close();
  }
}

const NFT_GETTABLE = (10 << 8) | 1;
const NFPROTO_INET = 1;
const NFTA_TABLE_NAME = 1;

export interface TableWatch {
  /** Whether the table is there now; so cheap that it can be asked all the time. */
  exists(): Promise<boolean>;
  close(): Promise<void>;
}

/** In the network namespace that this is called in. */
export function watchTable(table: string): TableWatch {
  const netlink = openNetlink(NETLINK_NETFILTER);
  const head = new Uint8Array([NFPROTO_INET, 0, 0, 0]);
  const request = { what: table, type: NFT_GETTABLE, head, attributes: [[NFTA_TABLE_NAME, text(table)]] as const };
  return {
    async exists() {
      try {
        await netlink.send(request);
        return true;
      } catch (error) {
        if (systemCode(error) === "ENOENT") return false;
        throw error;
      }
    },
    close: () => netlink.close(),
  };
}
