/** Rotates the keys of a state directory until it is killed. */
import { rotateKeys } from "../../src/security/keys/index.ts";

const [file = "", keyFile = ""] = process.argv.slice(2);
process.stdout.write("ready\n");
for (;;) await rotateKeys(file, keyFile);
