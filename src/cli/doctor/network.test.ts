import assert from "node:assert/strict";
import { test } from "node:test";
import { forwardDroppers } from "./network.ts";

test("chains that drop what is forwarded are found in nft's list", () => {
  const chains = `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
	}
	chain DOCKER {
	}
}
table inet kiln-0a1b {
	chain forward {
		type filter hook forward priority filter; policy accept;
	}
}
`;
  assert.deepEqual(forwardDroppers(chains), ["ip filter FORWARD"]);
});
