import type { Writable } from "node:stream";
export function send(pieces: number, stream: Writable): Promise<void>;
