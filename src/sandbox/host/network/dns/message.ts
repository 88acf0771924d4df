/**
 * DNS messages (RFC 1035, EDNS of RFC 6891), as much as a forwarder for hostile clients needs. A query is taken apart
 * and written anew, so that a resolver of the host reads nothing that a function wrote but a name. Of an answer nothing
 * is followed: compressed names are stepped over, so there is no loop to be caught in.
 */
const HEADER = 12;
const TYPE_A = 1;
const TYPE_OPT = 41;
const CLASS_IN = 1;
/** What is asked of resolvers: passes every network without fragments. */
const UDP_SIZE = 1232;
/** What a function may ask for; its way to the forwarder has no fragments. */
const MOST_UDP = 4096;
const LEAST_UDP = 512;

const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;

export const RCODE = { ok: 0, malformed: 1, failed: 2, notImplemented: 4, refused: 5 } as const;

/** Zone transfers and mail agent lists are no business of a function. */
const REFUSED_TYPES = new Set([251, 252, 253, 254]);

/**
 * Records that carry addresses of a kind that is not looked into, or of IPv6, which jails do not have: WKS, AAAA, A6,
 * APL, IPSECKEY, SVCB, HTTPS, L32, L64. An answer with one of them is given without its records.
 */
const UNREADABLE_ADDRESSES = new Set([11, 28, 38, 42, 45, 64, 65, 105, 106]);

export interface Query {
  id: number;
  /** RD of the query; answers repeat it. */
  recursionDesired: boolean;
  /** Name, type and class as they were sent. */
  question: Uint8Array;
  /** Whether the client speaks EDNS. */
  edns: boolean;
  /** Bytes that an answer over UDP may have. */
  udpSize: number;
}

export type ParsedQuery =
  | { query: Query; rcode?: undefined }
  /** It is answered with an error and nothing else. */
  | { query: Query; rcode: number };

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Where a name without compression ends; undefined when it is none. */
function endOfPlainName(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at < bytes.length && at - start < 255;) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at + 1;
    if (length > 63) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** Where a name in an answer ends; its pointers are not followed. */
function endOfName(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at < bytes.length && at - start < 255;) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** Undefined for what deserves no answer. */
export function parseQuery(bytes: Uint8Array): ParsedQuery | undefined {
  if (bytes.length < HEADER || bytes.length > MOST_UDP) return undefined;
  const flags = u16(bytes, 2);
  if ((flags & RESPONSE) !== 0) return undefined;
  const query: Query = {
    id: u16(bytes, 0),
    recursionDesired: (flags & RECURSION_DESIRED) !== 0,
    question: new Uint8Array(),
    edns: false,
    udpSize: LEAST_UDP,
  };
  if ((flags & 0x7800) !== 0) return { query, rcode: RCODE.notImplemented };
  const [questions, answers, authorities, additional] = [4, 6, 8, 10].map((at) => u16(bytes, at));
  const nameEnd = endOfPlainName(bytes, HEADER);
  if (questions !== 1 || answers !== 0 || authorities !== 0 || nameEnd === undefined || nameEnd + 4 > bytes.length) {
    return { query, rcode: RCODE.malformed };
  }
  query.question = bytes.slice(HEADER, nameEnd + 4);
  const option = nameEnd + 4;
  // A root name, then the type: the only additional record that queries have.
  if (additional !== 0) {
    if (bytes[option] !== 0 || u16(bytes, option + 1) !== TYPE_OPT || option + 11 > bytes.length) {
      return { query, rcode: RCODE.malformed };
    }
    query.edns = true;
    query.udpSize = Math.min(MOST_UDP, Math.max(LEAST_UDP, u16(bytes, option + 3)));
  }
  if (u16(bytes, nameEnd + 2) !== CLASS_IN || REFUSED_TYPES.has(u16(bytes, nameEnd))) {
    return { query, rcode: RCODE.refused };
  }
  return { query };
}

function header(id: number, flags: number, counts: readonly number[]): Uint8Array {
  return Uint8Array.from([id, flags, ...counts].flatMap((value) => [value >> 8, value & 255]));
}

const option = (size: number): Uint8Array => Uint8Array.from([0, 0, TYPE_OPT, size >> 8, size & 255, 0, 0, 0, 0, 0, 0]);

/** What a resolver is sent. `id` is fresh: a function must not choose it. */
export function resolverQuery(query: Query, id: number): Uint8Array {
  return Buffer.concat([header(id, RECURSION_DESIRED, [1, 0, 0, 1]), query.question, option(UDP_SIZE)]);
}

/** An answer without records. */
export function emptyAnswer(query: Query, rcode: number, truncated = false): Uint8Array {
  return answer(query, (truncated ? TRUNCATED : 0) | rcode, 0, new Uint8Array());
}

function answer(query: Query, flags: number, count: number, records: Uint8Array): Uint8Array {
  const all = RESPONSE | RECURSION_AVAILABLE | (query.recursionDesired ? RECURSION_DESIRED : 0) | flags;
  const asked = query.question.length === 0 ? 0 : 1;
  const head = header(query.id, all, [asked, count, 0, query.edns ? 1 : 0]);
  return Buffer.concat([head, query.question, records, query.edns ? option(MOST_UDP) : new Uint8Array()]);
}

/** Names are the same in capitals and small letters; type and class have no letters. */
function sameQuestion(a: Uint8Array, b: Uint8Array): boolean {
  return lowerCase(a) === lowerCase(b);
}

function lowerCase(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1").toLowerCase();
}

/** Whether a message is a resolver's answer to this query and no other. */
export function isAnswerTo(query: Query, id: number, bytes: Uint8Array): boolean {
  const end = HEADER + query.question.length;
  return (
    bytes.length >= end &&
    u16(bytes, 0) === id &&
    (u16(bytes, 2) & RESPONSE) !== 0 &&
    u16(bytes, 4) === 1 &&
    sameQuestion(bytes.subarray(HEADER, end), query.question)
  );
}

export type MayReach = (address: string) => boolean;

/**
 * What a function is answered: the records of the answer section as the resolver sent them, or none when one of them
 * is an address that the function may not reach (DNS rebinding). The other sections are left out.
 */
export function functionAnswer(query: Query, bytes: Uint8Array, mayReach: MayReach): Uint8Array {
  const flags = u16(bytes, 2);
  const rcode = flags & 15;
  if ((flags & TRUNCATED) !== 0) return emptyAnswer(query, rcode, true);
  const count = u16(bytes, 6);
  const start = HEADER + query.question.length;
  let at = start;
  for (let index = 0; index < count; index++) {
    const data = (endOfName(bytes, at) ?? Number.POSITIVE_INFINITY) + 10;
    // A comparison with NaN or infinity is false: a record that is cut off fails here.
    if (!(data <= bytes.length)) return emptyAnswer(query, RCODE.failed);
    const type = u16(bytes, data - 10);
    const length = u16(bytes, data - 2);
    at = data + length;
    if (at > bytes.length) return emptyAnswer(query, RCODE.failed);
    if (UNREADABLE_ADDRESSES.has(type)) return emptyAnswer(query, rcode);
    if (type === TYPE_A && !(length === 4 && mayReach(bytes.subarray(data, at).join(".")))) {
      return emptyAnswer(query, rcode);
    }
  }
  return answer(query, rcode, count, bytes.subarray(start, at));
}

/** The answer if it fits, else one that tells the client to ask over TCP. */
export function fitForUdp(query: Query, message: Uint8Array): Uint8Array {
  return message.length <= query.udpSize ? message : emptyAnswer(query, RCODE.ok, true);
}
