"use strict";
/**
 * HTTP/1.1 to the Runtime API over one kept-alive connection. It does what this one server needs and no more, because
 * every call passes through it: requests go out whole in one write, a response and the request for the next event in
 * the same one, and answers come back in the order of the requests (RFC 9112, section 9.3.2).
 */
const { connect } = require("node:net");
const { ResponseReader } = require("./response-reader.cjs");

const READ_BYTES = 64 * 1024;
/** A body of more characters is written from bytes of its own: joining it with its head would copy all of it once more. */
const JOINED_LENGTH = 64 * 1024;

/** Where Kiln listens as well, if it can, by the address that it gives a runtime; a proxy of the function's has another. */
const LOCAL = { address: "127.0.0.1:9001", path: "\0kiln-runtime-api" };

class Client {
  #host;
  #socket;
  #reader = new ResponseReader();
  #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  /** Requests without an answer yet, oldest first. */
  #waiting = [];
  #failure;
  #posted = Promise.resolve();

  /** Connects. @param {string} address `host:port` */
  static async open(address) {
    if (address === LOCAL.address) {
      const client = new Client(address, { path: LOCAL.path });
      if (await client.#connected()) {
        return client;
      }
    }
    const colon = address.lastIndexOf(":");
    return new Client(address, { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
  }

  constructor(address, server) {
    this.#host = address;
    this.#socket = connect({
      ...server,
      noDelay: true,
      onread: {
        // The rest of a large event is read to where it belongs.
        buffer: () => this.#reader.room(READ_BYTES) ?? this.#buffer,
        callback: (count, buffer) => this.#read(buffer.subarray(0, count)),
      },
    });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("The Runtime API closed the connection.")));
  }

  #connected() {
    return new Promise((resolve) => {
      this.#socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
  }

  /** Waits for a GET; the event loop stays alive meanwhile. Resolves with `{ status, headers, body }`, body a string. */
  get(path) {
    return this.#send(this.#head("GET", path, ""));
  }

  /** @param {string} body */
  post(path, fields, body) {
    return this.#send(...this.#whole(path, fields, body));
  }

  /** Sends an answer and asks for what comes next, in one write. Resolves with the answer to the second. */
  postThenGet(path, fields, body, nextPath) {
    const [first, ...rest] = this.#whole(path, fields, body);
    const next = this.#head("GET", nextPath, "");
    const parts = rest.length === 0 ? [first + next] : [first, ...rest, next];
    // What the answer to the post says changes nothing here; a broken connection fails the other promise as well.
    this.#posted = new Promise((resolve) => {
      this.#waiting.push({ resolve, reject: resolve });
    });
    return this.#send(...parts);
  }

  /** Begins a chunked post (RFC 9112, section 7.1). `write` takes bytes; `end` resolves with the answer. */
  stream(path, fields) {
    this.#write(this.#head("POST", path, `${fields}transfer-encoding: chunked\r\n`));
    return {
      write: (chunk, callback) => {
        // One system call and, as far as it goes, one packet.
        this.#socket.cork();
        this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
        this.#socket.write(chunk);
        this.#socket.write("\r\n", "latin1", callback);
        this.#socket.uncork();
      },
      /** @param {string} trailers header lines, each with its CRLF */
      end: (trailers) => this.#send(`0\r\n${trailers}\r\n`),
    };
  }

  /** Resolves when the Runtime API has the last answer: a process that ends before may take it along. */
  settled() {
    return this.#posted;
  }

  /** From here on, an open connection alone does not keep the process running: the handler's own work decides. */
  rest() {
    this.#socket.unref();
  }

  close() {
    this.#socket.destroy();
  }

  #head(method, path, fields) {
    return `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${fields}\r\n`;
  }

  /** Head and body, in one part or in two. */
  #whole(path, fields, body) {
    const large = body.length > JOINED_LENGTH;
    const part = large ? Buffer.from(body) : body;
    const length = large ? part.length : Buffer.byteLength(body);
    const head = this.#head("POST", path, `${fields}content-length: ${length}\r\n`);
    return large ? [head, part] : [head + part];
  }

  /** @param parts strings and buffers: whole requests, the last of which is waited for */
  #send(...parts) {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#socket.ref();
      if (parts.length === 1) {
        this.#write(parts[0]);
        return;
      }
      this.#socket.cork();
      for (const part of parts) {
        this.#write(part);
      }
      this.#socket.uncork();
    });
  }

  #write(part) {
    this.#socket.write(part, "utf8");
  }

  #read(bytes) {
    try {
      this.#reader.push(bytes, (response) => {
        const waiting = this.#waiting.shift();
        if (waiting === undefined) {
          throw new Error("The Runtime API sent an answer to no request.");
        }
        waiting.resolve(response);
      });
    } catch (error) {
      this.#socket.destroy();
      this.#fail(error);
    }
    return true;
  }

  #fail(error) {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(this.#failure);
    }
  }
}

module.exports = { Client };
