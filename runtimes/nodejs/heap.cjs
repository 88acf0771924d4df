"use strict";
/**
 * The size of V8's heap. It is fixed when V8 starts, but a pre-booted process does not know its function then, and on
 * Node.js 20 and 22 any V8 option makes the built-in modules' code cache useless, which costs 10 ms of every start. So
 * the heap may be allowed more than the function has: the jail's memory limit is the bound, and V8 is told to collect
 * early enough. Where V8's own limit is too low for the function, the process starts again with the right one.
 */
const { spawnSync } = require("node:child_process");
const { getHeapStatistics, setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");

const MB = 1024 * 1024;

/**
 * How much a heap may grow, in per cent of what is alive, before V8 collects again, by function size in MB. V8's own
 * growth, up to fourfold, would bring a function to its jail's limit by garbage alone. Measured with 128 MB: 60 MB of
 * live objects and steady garbage run with 30, as they do with limits at start; without it, 40 MB of them are killed.
 */
const GROWTH = [
  [512, 30],
  [1024, 40],
  [Infinity, 50],
];

/** Ends in a new process when this one's heap is too small for the function; that one's end is this one's. */
function ensureHeap(beforeRestart) {
  const memory = functionMB();
  if (memory === undefined || getHeapStatistics().heap_size_limit / MB >= 0.9 * memory) {
    return;
  }
  beforeRestart();
  const young = Math.floor(memory / 10);
  const sizes = [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memory - young}`];
  const { status, signal } = spawnSync(process.execPath, [...process.execArgv, ...sizes, require.main.filename], {
    stdio: "inherit",
  });
  if (signal !== null) {
    process.kill(process.pid, signal);
  }
  process.exit(status ?? 1);
}

/** To be called once the handler is loaded: from then on built-in modules load without their code cache. */
function tuneHeap() {
  const memory = functionMB();
  if (memory !== undefined && getHeapStatistics().heap_size_limit / MB > 1.25 * memory) {
    const growth = GROWTH.find(([most]) => memory <= most)[1];
    setFlagsFromString(`--heap-growing-percent=${growth}`);
  }
}

/** `gc`, which AWS's runtimes define, made when it is first looked at. */
function addGc() {
  Object.defineProperty(globalThis, "gc", {
    configurable: true,
    get() {
      setFlagsFromString("--expose-gc");
      const gc = runInNewContext("gc");
      setFlagsFromString("--no-expose-gc");
      Object.defineProperty(globalThis, "gc", { configurable: true, writable: true, value: gc });
      return gc;
    },
    set(value) {
      Object.defineProperty(globalThis, "gc", { configurable: true, writable: true, value });
    },
  });
}

/** Undefined when unknown, or when the user's NODE_OPTIONS have sizes of their own. */
function functionMB() {
  const memory = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  const own = /max[-_](?:old|semi)[-_]space[-_]size/.test(process.env.NODE_OPTIONS ?? "");
  return memory > 0 && !own ? memory : undefined;
}

module.exports = { addGc, ensureHeap, tuneHeap };
