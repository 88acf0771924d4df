import { addField } from "./request-head.ts";

/**
 * Takes the bytes of one body off a stream of bytes. `push` answers how many bytes it has used; `done` says that the
 * body is complete, `refused` why it never will be.
 */
export interface BodyReader {
  push(bytes: Buffer): number;
  readonly done: boolean;
  readonly refused: string | undefined;
  readonly trailers: ReadonlyMap<string, string>;
}

/** Receives the decoded bytes. They are only valid during the call. */
export type BodySink = (bytes: Buffer) => void;

export const NO_TRAILERS: ReadonlyMap<string, string> = new Map();

/** A body whose length is known from Content-Length. */
export function fixedBody(length: number, sink: BodySink): BodyReader {
  let left = length;
  return {
    push(bytes) {
      const taken = Math.min(left, bytes.length);
      if (taken > 0) sink(taken === bytes.length ? bytes : bytes.subarray(0, taken));
      left -= taken;
      return taken;
    },
    get done() {
      return left === 0;
    },
    refused: undefined,
    trailers: NO_TRAILERS,
  };
}

/** Chunk extensions are read and ignored; a line with one is bounded like any other line. */
const CHUNK_LINE_BYTES = 1024;
const TRAILER_BYTES = 64 * 1024;
const TRAILER_COUNT = 16;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

type ChunkState = "size" | "data" | "data-end" | "trailers" | "done";

/** A chunked body with trailers (RFC 9112, section 7.1). */
export function chunkedBody(sink: BodySink): BodyReader {
  let state: ChunkState = "size";
  let left = 0;
  let line = "";
  let trailerBytes = 0;
  let refused: string | undefined;
  const trailers = new Map<string, string>();

  /** Collects up to the next CRLF; a complete line is handed to `endLine`. */
  function takeLine(bytes: Buffer, from: number, limit: number): number {
    const newline = bytes.indexOf(10, from);
    const end = newline === -1 ? bytes.length : newline + 1;
    if (line.length + (end - from) > limit) {
      refused = "line too long";
      return bytes.length;
    }
    line += bytes.toString("latin1", from, end);
    if (newline === -1) return end;
    if (!line.endsWith("\r\n")) refused = "bare line feed";
    else {
      const complete = line.slice(0, -2);
      line = "";
      endLine(complete);
    }
    return end;
  }

  function endLine(complete: string): void {
    if (state === "size") {
      const size = CHUNK_LINE.exec(complete);
      if (size === null) refused = "malformed chunk size";
      else {
        left = Number.parseInt(size[1] ?? "", 16);
        state = left === 0 ? "trailers" : "data";
      }
    } else if (state === "data-end") {
      if (complete === "") state = "size";
      else refused = "malformed chunk end";
    } else if (complete === "") {
      state = "done";
    } else {
      trailerBytes += complete.length;
      if (trailerBytes > TRAILER_BYTES || trailers.size >= TRAILER_COUNT) refused = "too many trailers";
      else refused = addField(trailers, complete);
    }
  }

  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.length && state !== "done" && refused === undefined) {
        if (state === "data") {
          const taken = Math.min(left, bytes.length - at);
          sink(bytes.subarray(at, at + taken));
          left -= taken;
          at += taken;
          if (left === 0) state = "data-end";
        } else {
          at = takeLine(bytes, at, state === "trailers" ? TRAILER_BYTES : state === "size" ? CHUNK_LINE_BYTES : 2);
        }
      }
      return at;
    },
    get done() {
      return state === "done";
    },
    get refused() {
      return refused;
    },
    trailers,
  };
}
