/** Snapshots of the fake sandbox: what is saved is a number, and the guest that it stands for is remembered. */
import { Readable } from "node:stream";
import { KilnError } from "../../base/errors.ts";
import type { JailLimits, JailSnapshot, Snapshots } from "../../sandbox/contract.ts";
import type { FakeGuest } from "./fake-sandbox.ts";

export interface FakeSnapshots {
  readonly snapshots: Snapshots;
  readonly held: number;
  take(guest: FakeGuest): JailSnapshot;
  /** Throws where it has been released, or is none of these. */
  guestOf(snapshot: JailSnapshot): FakeGuest;
}

const KIND = "fake";
const BYTES = 64 * 1024 * 1024;
const SIZES_MB = [512, 1769];

export function createFakeSnapshots(): FakeSnapshots {
  const taken: FakeGuest[] = [];
  const held = new Map<JailSnapshot, FakeGuest>();

  function hold(number: number): JailSnapshot {
    const guest = taken[number];
    if (guest === undefined) throw new KilnError("SNAPSHOT_UNFIT", "This is no snapshot.");
    const snapshot: JailSnapshot = {
      bytes: BYTES,
      save: () => Readable.from([Buffer.from(`${KIND} `), Buffer.from(String(number))]),
      async release() {
        held.delete(snapshot);
      },
    };
    held.set(snapshot, guest);
    return snapshot;
  }

  return {
    get held() {
      return held.size;
    },
    take: (guest) => hold(taken.push(guest) - 1),
    guestOf(snapshot) {
      const guest = held.get(snapshot);
      if (guest === undefined) throw new KilnError("SNAPSHOT_GONE", "This snapshot has been released.");
      return guest;
    },
    snapshots: {
      kind: KIND,
      runtimeLimits(limits): JailLimits | undefined {
        const memoryMB = SIZES_MB.find((size) => size >= limits.memoryMB);
        return memoryMB === undefined ? undefined : { memoryMB, vcpus: 1, pids: 1024, tmpMB: 512 };
      },
      async load(from) {
        let text = "";
        for await (const chunk of from) text += Buffer.from(chunk).toString();
        const [kind, number] = text.split(" ");
        return hold(kind === KIND ? Number(number) : -1);
      },
    },
  };
}
