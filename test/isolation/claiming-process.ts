/** A process that takes and gives back what Kilns of one machine share, until it is killed. */
import { openForwarding } from "../../src/sandbox/host/network/forwarding.ts";
import { createUidRanges } from "../../src/sandbox/host/uid-ranges.ts";

const [kind, owner = "", where = ""] = process.argv.slice(2);
process.stdout.write("up\n");
if (kind === "ranges") {
  const ranges = createUidRanges({ dir: where, owner });
  for (;;) ranges.take().release();
} else {
  const forwarding = openForwarding(owner);
  for (;;) {
    forwarding.need(where);
    forwarding.release();
  }
}
