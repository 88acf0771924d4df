import { createSealer, openKeyRing, ringFile } from "../../src/security/keys/index.ts";
import { newRing } from "../../src/security/keys/ring-file.ts";
import type { Sealer } from "../../src/store/contract.ts";
import { keyFileOf } from "./kiln.ts";

/** Keys that are nowhere but here. */
export function testSealer(): Sealer {
  const [key] = newRing().keys;
  if (key === undefined) throw new Error("a ring has a key");
  return createSealer({ current: () => key, find: (id) => (id === key.id ? key : undefined) });
}

function fail(error: unknown): never {
  throw error;
}

/** Opens what a Kiln has written, with the keys that it has now. */
export async function sealerOf(state: string): Promise<Sealer> {
  const ring = await openKeyRing({ file: ringFile(state), keyFile: keyFileOf(state), report: fail });
  ring.close();
  return createSealer(ring);
}
