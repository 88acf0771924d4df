export { type KeyRing, openKeyRing } from "./key-ring.ts";
export { readRingDocument, ringFile } from "./ring-file.ts";
export { type Rotation, rotateKeys } from "./rotate.ts";
export { openRoot, type OuterRoot, type RootSettings } from "./roots/index.ts";
export { createSealer } from "./sealer.ts";
