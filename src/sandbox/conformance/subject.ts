/** What the suite needs of an isolation level, and ways to run scripts in its jails, for other tests too. */
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import type { Jail, JailExit, JailLimits, JailSpec, Sandbox } from "../contract.ts";

export interface SandboxFixture {
  open(): Promise<Sandbox>;
  /** A root image with Node.js. */
  rootImage: string;
  /** Where Node.js lies in it. */
  node: string;
  /** Builds a read-only image of files; it lives as long as the tests. */
  image(files: Readonly<Record<string, string>>): Promise<string>;
}

export const testLimits: JailLimits = { memoryMB: 192, vcpus: 1, pids: 64, tmpMB: 16 };

/** Everything that a stream gives, as text. */
export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

let count = 0;

/** A jail's name that no other of this process has. */
export function nextId(): string {
  return `t${process.pid}-${++count}`;
}

export interface ScriptRun {
  jail: Jail;
  stdout: Promise<string>;
  stderr: Promise<string>;
  /** The first that it says on stdout; stays open when it says nothing. */
  first: Promise<[Buffer]>;
}

/** A jail that runs a CommonJS script given as text. */
export async function startScript(
  sandbox: Sandbox,
  fixture: Pick<SandboxFixture, "rootImage" | "node">,
  script: string,
  more: Partial<JailSpec> = {},
): Promise<ScriptRun> {
  const jail = await sandbox.create({
    id: nextId(),
    rootImage: fixture.rootImage,
    argv: [fixture.node, "-e", script],
    env: {},
    limits: testLimits,
    onConnection: (socket) => socket.destroy(),
    ...more,
  });
  // Listens before anything is read: what a quick script says first may be there already.
  const first = once(jail.stdout, "data") as Promise<[Buffer]>;
  first.catch(() => undefined);
  return { jail, first, stdout: textOf(jail.stdout), stderr: textOf(jail.stderr) };
}

/** What a group of promises is tried on: open while its tests run, not yet where they are registered. */
export interface Subject {
  readonly fixture: SandboxFixture;
  readonly sandbox: Sandbox;
  start(script: string, more?: Partial<JailSpec>): Promise<ScriptRun>;
  /** Runs a script to its own end. */
  run(script: string, more?: Partial<JailSpec>): Promise<{ exit: JailExit; stdout: string; stderr: string }>;
}

/** Registers one promise. */
export function check(title: string, body: (t: TestContext) => Promise<unknown> | void): void {
  void test(title, body as (t: TestContext) => Promise<void>);
}
