export { type KeyRing, openKeyRing } from "./key-ring.ts";
export { readRingDocument, ringFile } from "./ring-file.ts";
export { type Rotation, rotateKeys } from "./rotate.ts";
export { createSealer } from "./sealer.ts";
