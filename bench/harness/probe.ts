/**
 * Loaded into a Kiln that is measured (`--import`), when more is to be known than can be seen from outside: a CPU profile
 * of a while, and how much it allocates. Spoken to over the channel that Node.js opens for a child process.
 */
import { Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const session = new Session();
session.connect();
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes by the function that has allocated them, sampled: with those that have been collected since. */
async function allocated(): Promise<Record<string, number>> {
  const { profile } = await session.post("HeapProfiler.stopSampling");
  const bytes: Record<string, number> = {};
  const add = ({ callFrame, selfSize, children }: (typeof profile)["head"]): void => {
    const name = `${callFrame.functionName || "(anonymous)"} ${callFrame.url.split("/").slice(-3).join("/")}:${callFrame.lineNumber + 1}`;
    bytes[name] = (bytes[name] ?? 0) + selfSize;
    for (const child of children) add(child);
  };
  add(profile.head);
  return bytes;
}

const actions: Record<string, () => Promise<unknown>> = {
  "profile-start": async () => {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
  },
  "profile-stop": async () => (await session.post("Profiler.stop")).profile,
  "allocations-start": () => {
    collect();
    return session.post("HeapProfiler.startSampling", {
      samplingInterval: 16_384,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  },
  "allocations-stop": allocated,
  collect: async () => collect(),
};

process.on("message", (message) => {
  const name = String(message);
  const action = actions[name] ?? (() => Promise.reject(new Error(`there is no action ${name}`)));
  action().then(
    (result) => process.send?.({ name, result }),
    (error: unknown) => process.send?.({ name, error: String(error) }),
  );
});
process.channel?.unref();
