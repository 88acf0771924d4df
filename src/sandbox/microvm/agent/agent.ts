/** Kiln's end of the conversation with the first process of one guest. */
import type { Socket } from "node:net";
import { constants } from "node:os";
import { PassThrough, type Readable } from "node:stream";
import { KilnError } from "../../../base/errors.ts";
import type { Command, MemoryUse } from "../../contract.ts";
import { type ChildExit, decodeWaitStatus } from "../../host/children.ts";
import { frame, readFrames, strings, words } from "./frames.ts";

export interface GuestProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ChildExit>;
}

export interface Agent {
  /** For every connection to `CONTROL_PORT`. */
  accept(socket: Socket): void;
  /** Resolves when the guest's first process has come. */
  ready(): Promise<void>;
  /** Settings in order (guest/main.c, `set`); resolves when all are done. */
  set(settings: readonly (readonly [name: string, value: string | number])[]): Promise<void>;
  /** Says the same without waiting. */
  tell(settings: readonly (readonly [name: string, value: string | number])[]): void;
  /** `id`: above 0, each once. */
  run(id: number, command: Command): GuestProcess;
  /** A process that runs already, in a guest that was loaded: what it says from now on, and its end. */
  adopt(id: number): GuestProcess;
  /** The guest's first process stops to speak, and waits for the host at the port that is the answer. */
  wait(): Promise<number>;
  /** 0: the first process, or all where there is none. */
  signal(id: number, name: "SIGTERM" | "SIGKILL"): void;
  /** As of a moment ago. */
  memory(): MemoryUse;
  /** The exit of the process that the machine lives for; `undefined` while it runs. */
  firstExit(): ChildExit | undefined;
  /** The machine is gone: everything that waits gets to know. */
  ended(): void;
}

interface Running {
  stdout: PassThrough;
  stderr: PassThrough;
  resolve: (exit: ChildExit) => void;
}

const GONE = "The guest has ended.";
const READ_PAUSE_MS = 50;

/** Of a guest that is gone: nobody closes the connection, but what came before has to be read. */
function closeWhenRead(socket: Socket): void {
  const before = socket.bytesRead;
  setTimeout(() => (socket.bytesRead === before ? socket.destroy() : closeWhenRead(socket)), READ_PAUSE_MS).unref();
}

/** What `tell` and `set` send. */
function settingsFrame(settings: readonly (readonly [string, string | number])[]): Buffer {
  return frame("S", strings(...settings.map(([name, value]) => `${name}=${value}`)));
}

/** @param first The id of the process that the machine lives for; 0 where there is none. */
export function createAgent(first: number): Agent {
  /** Also those that have ended: their output may come later. */
  const processes = new Map<number, Running>();
  let control: Socket | undefined;
  const came = Promise.withResolvers<void>();
  came.promise.catch(() => undefined);
  let over = false;
  let firstExit: ChildExit | undefined;
  const use: MemoryUse = { currentBytes: 0, peakBytes: 0, oomKills: 0 };
  const waiting: PromiseWithResolvers<void>[] = [];
  const waits = Promise.withResolvers<number>();
  waits.promise.catch(() => undefined);

  function heardMemory(payload: Buffer): void {
    if (payload.length < 24) return;
    const [current = 0, peak = 0, kills = 0] = [0, 8, 16].map((at) => Number(payload.readBigUInt64LE(at)));
    use.currentBytes = current;
    use.peakBytes = Math.max(current, peak);
    use.oomKills = kills;
  }

  function heardExit(payload: Buffer): void {
    if (payload.length < 8) return;
    const id = payload.readUInt32LE(0);
    const exit = decodeWaitStatus(payload.readUInt32LE(4));
    if (id === first) firstExit ??= exit;
    processes.get(id)?.resolve(exit);
  }

  function heard(type: string, payload: Buffer): void {
    if (type === "M") heardMemory(payload);
    else if (type === "X") heardExit(payload);
    else if (type === "S") waiting.shift()?.resolve();
    else if (type === "W" && payload.length === 4) waits.resolve(payload.readUInt32LE(0));
  }

  function carry(socket: Socket, id: number, which: number): void {
    const running = processes.get(id);
    const stream = which === 1 ? running?.stdout : running?.stderr;
    if (over || stream === undefined || carried.has(stream)) {
      socket.destroy();
      return;
    }
    carried.add(stream);
    outputs.add(socket);
    socket.once("close", () => {
      outputs.delete(socket);
      stream.end();
    });
    socket.pipe(stream);
  }
  const carried = new WeakSet<PassThrough>();
  const outputs = new Set<Socket>();

  function send(bytes: Buffer): void {
    if (control?.writable === true) control.write(bytes);
  }

  function adopt(id: number): GuestProcess {
    const { promise: exited, resolve } = Promise.withResolvers<ChildExit>();
    const running = { stdout: new PassThrough(), stderr: new PassThrough(), resolve };
    processes.set(id, running);
    return { stdout: running.stdout, stderr: running.stderr, exited };
  }

  return {
    accept(socket) {
      socket.on("error", () => socket.destroy());
      readFrames(socket, ({ type, payload }) => {
        if (socket === control) {
          heard(type, payload);
          return "go on";
        }
        if (type === "H" && control === undefined) {
          control = socket;
          came.resolve();
          return "go on";
        }
        if (type === "O" && payload.length === 8) carry(socket, payload.readUInt32LE(0), payload.readUInt32LE(4));
        else socket.destroy();
        return "stop";
      });
    },
    ready: () => came.promise,
    set(settings) {
      if (over) return Promise.reject(new KilnError("GUEST_GONE", GONE));
      const done = Promise.withResolvers<void>();
      waiting.push(done);
      send(settingsFrame(settings));
      return done.promise;
    },
    tell(settings) {
      const done = Promise.withResolvers<void>();
      done.promise.catch(() => undefined);
      waiting.push(done);
      send(settingsFrame(settings));
    },
    run(id, { argv, env }) {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const process = adopt(id);
      send(frame("R", Buffer.concat([words(id), strings(String(argv.length), ...argv, ...variables)])));
      return process;
    },
    adopt,
    wait() {
      if (over) return Promise.reject(new KilnError("GUEST_GONE", GONE));
      send(settingsFrame([["wait", 1]]));
      return waits.promise;
    },
    signal: (id, name) => send(frame("K", words(id, constants.signals[name]))),
    memory: () => ({ ...use }),
    firstExit: () => firstExit,
    ended() {
      if (over) return;
      over = true;
      const error = new KilnError("GUEST_GONE", GONE);
      came.reject(error);
      waits.reject(error);
      for (const done of waiting.splice(0)) done.reject(error);
      for (const { stdout, stderr, resolve } of processes.values()) {
        resolve({ status: null, signal: "SIGKILL" });
        // Output that never came on its way.
        for (const stream of [stdout, stderr]) if (!carried.has(stream)) stream.end();
      }
      control?.destroy();
      for (const socket of outputs) closeWhenRead(socket);
    },
  };
}
