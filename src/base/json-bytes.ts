/**
 * Whether bytes are a JSON text (RFC 8259), seen without making a string or a value of them: for large ones, whose strings
 * and values would be thrown away at once, and cost the collector more than the reading.
 */

/** What is nested deeper is not decided here. */
const DEPTH = 1024;
/** Bytes of a string that are looked at one by one, before it is taken four at a time. */
const SHORT_STRING = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * @param bytes UTF-8 that has been checked to be that. True: JSON.parse takes it. False: it does not, or the text is nested
 *   too deeply to be judged here.
 */
export function isJson(bytes: Uint8Array): boolean {
  return new Reader(bytes).text();
}

class Reader {
  readonly #bytes: Uint8Array;
  /** The same memory, from `#offset` of the bytes on. */
  readonly #words: Int32Array;
  readonly #offset: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#offset = -bytes.byteOffset & 3;
    const count = Math.max(0, bytes.length - this.#offset) >> 2;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset + this.#offset, count);
  }

  text(): boolean {
    /** For each level: whether it is an object. */
    const objects: boolean[] = [];
    for (;;) {
      // A value begins here.
      const byte = this.#token();
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        const object = byte === OPEN_OBJECT;
        this.#at += 1;
        const next = this.#token();
        if (next !== (object ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          if (objects.length === DEPTH) return false;
          objects.push(object);
          if (object && !this.#key()) return false;
          continue;
        }
        this.#at += 1;
      } else if (!this.#scalar(byte)) return false;
      // A value has ended: what is around it goes on or ends.
      for (;;) {
        const after = this.#token();
        const object = objects.at(-1);
        if (object === undefined) return after === undefined;
        this.#at += 1;
        if (after === COMMA) {
          if (object && !this.#key()) return false;
          break;
        }
        if (after !== (object ? CLOSE_OBJECT : CLOSE_ARRAY)) return false;
        objects.pop();
      }
    }
  }

  /** The next byte that is not white space; undefined at the end. */
  #token(): number | undefined {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
    this.#at = at;
    return byte;
  }

  /** A member's name and the colon after it. */
  #key(): boolean {
    if (this.#token() !== QUOTE || !this.#string() || this.#token() !== 0x3a) return false;
    this.#at += 1;
    return true;
  }

  #scalar(byte: number | undefined): boolean {
    if (byte === QUOTE) return this.#string();
    if (byte === 0x74) return this.#word("true");
    if (byte === 0x66) return this.#word("false");
    if (byte === 0x6e) return this.#word("null");
    return this.#number();
  }

  #word(word: string): boolean {
    for (let index = 0; index < word.length; index += 1) {
      if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) return false;
    }
    this.#at += word.length;
    return true;
  }

  #number(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#at] === 0x2d) this.#at += 1;
    if (bytes[this.#at] === 0x30) this.#at += 1;
    else if (!this.#digits()) return false;
    if (bytes[this.#at] === 0x2e) {
      this.#at += 1;
      if (!this.#digits()) return false;
    }
    const exponent = bytes[this.#at];
    if (exponent !== 0x65 && exponent !== 0x45) return true;
    this.#at += 1;
    const sign = bytes[this.#at];
    if (sign === 0x2b || sign === 0x2d) this.#at += 1;
    return this.#digits();
  }

  /** At least one. */
  #digits(): boolean {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[at] ?? 0) at += 1;
    this.#at = at;
    return at > from;
  }

  /** From its first quote to behind its last. */
  #string(): boolean {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.#at + 1;
    let short = at + SHORT_STRING;
    while (at < length) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH) {
        const taken = escapeAt(bytes, at + 1);
        if (taken === 0) return false;
        at += 1 + taken;
      } else if (byte < 0x20) return false;
      else {
        at += 1;
        if (at >= short && ((at - this.#offset) & 3) === 0) {
          at = this.#plain(at);
          short = at + SHORT_STRING;
        }
      }
    }
    return false;
  }

  /**
   * Goes on from a word's first byte over words without a quote, a backslash or a control character
   * (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
   */
  #plain(from: number): number {
    const words = this.#words;
    let index = (from - this.#offset) >> 2;
    for (; index < words.length; index += 1) {
      const word = words[index] ?? 0;
      const quote = word ^ 0x22222222;
      const backslash = word ^ 0x5c5c5c5c;
      const found =
        ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
      if ((found & 0x80808080) !== 0) break;
    }
    return (index << 2) + this.#offset;
  }
}

/** How many bytes after a backslash belong to it; 0 for none that may. */
function escapeAt(bytes: Uint8Array, at: number): number {
  switch (bytes[at] ?? 0) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 1;
    case 0x75:
      return isHex(bytes[at + 1]) && isHex(bytes[at + 2]) && isHex(bytes[at + 3]) && isHex(bytes[at + 4]) ? 5 : 0;
    default:
      return 0;
  }
}

function isHex(byte = 0): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
}
