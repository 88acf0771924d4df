/**
 * What a start has used and nobody needs any more goes back to the machine, once. By themselves V8 keeps its room for young
 * objects and glibc what was freed, a fifth of an idle Kiln.
 */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { giveBackFreed } from "../sandbox/host/libc.ts";

/** How long nearly nothing has to have happened: the collection holds up a call for some 50 ms. */
const IDLE_MS = 1_500;
const MOST_BUSY = 0.03;

type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** Waits for a quiet moment. Returns what ends the waiting. */
export function giveMemoryBack(): () => void {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > MOST_BUSY) return;
    clearInterval(timer);
    collect();
    giveBackFreed();
  }, IDLE_MS).unref();
  return () => clearInterval(timer);
}

/** All of it, but not the code that the first calls will run: it would have to be compiled again. */
function collect(): void {
  setFlagsFromString("--no-flush-bytecode");
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as Collect;
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
  setFlagsFromString("--no-expose-gc");
  setFlagsFromString("--flush-bytecode");
}
