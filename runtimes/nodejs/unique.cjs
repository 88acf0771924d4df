"use strict";
/**
 * What no two processes may have in common that go on from one snapshot, before the function is loaded. The kernel and the
 * clock have been seen to: OpenSSL's generators seed themselves anew because the clock has jumped, and everything of
 * node:crypto and TLS comes from there.
 */
const { randomBytes } = require("node:crypto");
const { setFlagsFromString } = require("node:v8");

/**
 * V8 seeds `Math.random` when it is first called, and nobody has called it: from a generator that is as old as the process,
 * unless this option names a seed. V8 leaves the option out where it compares options for its code cache.
 */
function seedMathRandom() {
  const seed = (randomBytes(4).readUInt32LE() & 0x7fff_ffff) | 1;
  setFlagsFromString(`--random-seed=${seed}`);
  Math.random();
  setFlagsFromString("--random-seed=0");
}

/** The time at which the process has started is that of the snapshot, days ago: clocks that add to it would be wrong. */
function setTimeOrigin() {
  const timeOrigin = Date.now() - performance.now();
  Object.defineProperty(performance, "timeOrigin", { configurable: true, enumerable: true, value: timeOrigin });
}

function beUnique() {
  seedMathRandom();
  setTimeOrigin();
}

module.exports = { beUnique };
