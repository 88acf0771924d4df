"use strict";
/** Takes HTTP/1.1 responses off a stream of bytes: bodies by Content-Length or chunked, bounded in size. */

const HEAD_BYTES = 64 * 1024;
/** Events have at most 6 MiB. */
const BODY_BYTES = 16 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

class ResponseReader {
  /** Bytes of an incomplete head, chunk line or trailer. */
  #held = EMPTY;
  #response;
  /** Buffer for a body of known length, with the bytes in it so far; undefined while no such body is being read. */
  #body;
  #filled = 0;
  /** Parts of a chunked body; undefined while none is being read. */
  #chunks;
  #size = 0;
  /** Bytes left of the current chunk and the CRLF after it; undefined before a chunk's size line. */
  #left;
  #ending = false;

  /** @param {Buffer} bytes valid during the call only; `emit` is called once for each complete response */
  push(bytes, emit) {
    let rest = bytes;
    while (rest.length > 0 || this.#ready()) {
      const before = rest.length;
      rest = this.#step(rest);
      if (this.#response?.body !== undefined) {
        const response = this.#response;
        this.#response = undefined;
        emit(response);
      } else if (rest.length === before && !this.#ready()) {
        return;
      }
    }
  }

  /**
   * Where the next bytes can be put so that they need not be copied: the rest of a body, where it has at least so many. What
   * is put there is pushed all the same.
   */
  room(least) {
    const bytes = this.#body?.bytes;
    return bytes !== undefined && bytes.length - this.#filled >= least ? bytes.subarray(this.#filled) : undefined;
  }

  /** Whether there is something to do without further bytes: a body of no bytes. */
  #ready() {
    return this.#body !== undefined && this.#filled === this.#body.length;
  }

  #step(bytes) {
    if (this.#response === undefined) {
      return this.#line(bytes, "\r\n\r\n", (text) => this.#head(text));
    }
    if (this.#body !== undefined) {
      return this.#fixed(bytes);
    }
    if (this.#left !== undefined) {
      return this.#chunk(bytes);
    }
    return this.#line(bytes, "\r\n", (text) => (this.#ending ? this.#trailer(text) : this.#chunkSize(text)));
  }

  /** Hands over the text up to a terminator once it is complete; holds what there is until then. */
  #line(bytes, terminator, take) {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const end = all.indexOf(terminator);
    if ((end === -1 ? all.length : end) > HEAD_BYTES) {
      throw new Error("The Runtime API sent a head that is too long.");
    }
    if (end === -1) {
      // A copy: the bytes belong to the socket.
      this.#held = Buffer.from(all);
      return EMPTY;
    }
    this.#held = EMPTY;
    take(all.latin1Slice(0, end));
    return all.subarray(end + terminator.length);
  }

  #head(text) {
    const lines = text.split("\r\n");
    const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(lines[0])?.[1];
    if (status === undefined) {
      throw new Error("The Runtime API sent something that is not HTTP/1.1.");
    }
    const headers = Object.create(null);
    for (let index = 1; index < lines.length; index += 1) {
      const line = lines[index];
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    this.#response = { status: Number(status), headers, body: undefined };
    if (headers["transfer-encoding"] !== undefined) {
      this.#chunks = [];
      this.#size = 0;
      this.#ending = false;
      return;
    }
    const length = status === "204" ? 0 : Number(headers["content-length"] ?? 0);
    if (!Number.isSafeInteger(length) || length < 0 || length > BODY_BYTES) {
      throw new Error("The Runtime API sent a body that is too long.");
    }
    this.#body = { length, bytes: undefined };
    this.#filled = 0;
  }

  #fixed(bytes) {
    const { length } = this.#body;
    if (this.#filled === 0 && bytes.length >= length) {
      // The usual case: the whole body is in one read, and needs no copy.
      this.#response.body = bytes.utf8Slice(0, length);
      this.#body = undefined;
      return bytes.subarray(length);
    }
    this.#body.bytes ??= Buffer.allocUnsafe(length);
    const into = this.#body.bytes;
    const inPlace = bytes.buffer === into.buffer && bytes.byteOffset === into.byteOffset + this.#filled;
    const taken = inPlace ? bytes.length : bytes.copy(into, this.#filled);
    this.#filled += taken;
    if (this.#filled === length) {
      this.#response.body = this.#body.bytes.utf8Slice(0, length);
      this.#body = undefined;
    }
    return bytes.subarray(taken);
  }

  #chunkSize(text) {
    const size = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(text)?.[1];
    if (size === undefined) {
      throw new Error("The Runtime API sent a malformed chunk.");
    }
    const length = Number.parseInt(size, 16);
    this.#size += length;
    if (this.#size > BODY_BYTES) {
      throw new Error("The Runtime API sent a body that is too long.");
    }
    if (length === 0) {
      this.#ending = true;
    } else {
      this.#left = length + 2;
    }
  }

  #chunk(bytes) {
    const taken = Math.min(bytes.length, this.#left);
    const data = Math.min(taken, Math.max(0, this.#left - 2));
    if (data > 0) {
      this.#chunks.push(Buffer.from(bytes.subarray(0, data)));
    }
    this.#left -= taken;
    if (this.#left === 0) {
      this.#left = undefined;
    }
    return bytes.subarray(taken);
  }

  #trailer(text) {
    if (text === "") {
      this.#response.body = Buffer.concat(this.#chunks).toString();
      this.#chunks = undefined;
    }
  }
}

module.exports = { ResponseReader };
