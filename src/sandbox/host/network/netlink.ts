/**
 * As much of netlink(7) as links need: build messages, send several at once, read what the kernel answers to each.
 *
 * A child process for every link would cost more than the link. The kernel does what is asked within the write, and may
 * wait for a lock that the end of another jail's network holds for long: so another thread writes. The answers are there
 * when it is done. A socket belongs to the network namespace that it was opened in, whichever thread uses it.
 */
import { closeSync, readSync, write } from "node:fs";
import { promisify } from "node:util";
import { SystemCallError, socket } from "../libc.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;

const NLMSG_ERROR = 2;
const HEADER_BYTES = 16;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLA_F_NESTED = 0x8000;

/** An attribute: type and value. An array is a nest of attributes, with an own head where the kernel wants one. */
export type Attribute = readonly [type: number, value: Uint8Array | readonly Attribute[], head?: Uint8Array];

export interface Request {
  /** For error messages. */
  what: string;
  type: number;
  /** Besides "request" and "acknowledge". */
  flags?: number;
  /** ifinfomsg, ifaddrmsg, rtmsg … */
  head: Uint8Array;
  attributes: readonly Attribute[];
}

const writeAside = promisify(write);

const padded = (bytes: number): number => (bytes + 3) & ~3;

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

export function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`);
}

function encode([type, value, head]: Attribute): Uint8Array {
  const nested = !(value instanceof Uint8Array);
  const content = nested ? concat([head ?? new Uint8Array(), ...value.map(encode)]) : value;
  const bytes = new Uint8Array(padded(4 + content.length));
  new Uint16Array(bytes.buffer, 0, 2).set([
    4 + content.length,
    nested && head === undefined ? type | NLA_F_NESTED : type,
  ]);
  bytes.set(content, 4);
  return bytes;
}

function message(request: Request, sequence: number): Uint8Array {
  const body = concat([request.head, ...request.attributes.map(encode)]);
  const header = new Uint8Array(HEADER_BYTES);
  new Uint32Array(header.buffer)[0] = HEADER_BYTES + body.length;
  new Uint16Array(header.buffer, 4, 2).set([request.type, NLM_F_REQUEST | NLM_F_ACK | (request.flags ?? 0)]);
  new Uint32Array(header.buffer, 8, 1)[0] = sequence;
  return concat([header, body, new Uint8Array(padded(body.length) - body.length)]);
}

export interface Netlink {
  /** All of them in one write; the kernel goes on after one that fails. Throws SystemCallError of the first that failed. */
  send(...requests: readonly Request[]): Promise<void>;
  /** After what is being sent. */
  close(): Promise<void>;
}

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;

/** Belongs to the network namespace that it was opened in, wherever it is used. */
export function openNetlink(protocol: number): Netlink {
  const fd = socket(AF_NETLINK, SOCK_RAW, protocol);
  let sequence = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: each reads its own answers. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work, work);
    last = done.catch(() => undefined);
    return done;
  }

  async function exchange(requests: readonly Request[]): Promise<void> {
    const first = sequence + 1;
    await writeAside(fd, concat(requests.map((request) => message(request, ++sequence))));
    const errors = acknowledged(fd, first, requests.length);
    errors.forEach((errno, index) => {
      if (errno !== 0) throw new SystemCallError("netlink", errno, requests[index]?.what ?? "");
    });
  }

  return {
    send: (...requests) => inTurn(() => exchange(requests)),
    close: () => inTurn(async () => closeSync(fd)),
  };
}

/** The error number of each request, 0 for none. */
function acknowledged(fd: number, first: number, count: number): number[] {
  const errors = Array.from<number>({ length: count }).fill(0);
  const buffer = new Uint8Array(32 * 1024);
  for (let left = count; left > 0;) {
    const read = readSync(fd, buffer);
    const view = new DataView(buffer.buffer);
    for (let at = 0; at + HEADER_BYTES <= read;) {
      const length = new Uint32Array(buffer.slice(at, at + 4).buffer)[0] ?? 0;
      const [type = 0] = new Uint16Array(buffer.slice(at + 4, at + 6).buffer);
      const [answered = 0] = new Uint32Array(buffer.slice(at + 8, at + 12).buffer);
      if (type === NLMSG_ERROR && answered >= first) {
        errors[answered - first] = -view.getInt32(at + HEADER_BYTES, true);
        left -= 1;
      }
      at += Math.max(padded(length), HEADER_BYTES);
    }
  }
  return errors;
}
