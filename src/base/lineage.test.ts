import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { descend, lineageId, lineageOf, mergedLineage, withLineage } from "./lineage.ts";

const scope = { account: "123456789012", region: "us-east-1" };
const root = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";

describe("lineage of trace headers", () => {
  it("is read as AWS writes it, with and without a format", () => {
    assert.equal(lineageOf(`${root};Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2`), "a87bd80c:1|68fd508a:5|c512fbe3:2");
    assert.equal(lineageOf(`${root};Lineage=1:fe460cdd:0`), "fe460cdd:0");
    for (const none of [undefined, "", root, `${root};Lineage=`, `${root};Lineage=x:1`, "Lineage=a87bd80c:-1"]) {
      assert.equal(lineageOf(none), "");
    }
    assert.equal(lineageOf(`Lineage=1:fe460cdd:0;${"x".repeat(5000)}`), "");
  });

  it("counts the invocations of each function, and of each alone", () => {
    const [first, second] = [lineageId(scope, "first"), lineageId(scope, "second")];
    assert.match(first, /^[0-9a-f]{8}$/);
    assert.notEqual(first, second);
    assert.notEqual(first, lineageId({ ...scope, region: "eu-west-1" }, "first"));
    let header = root;
    for (let earlier = 0; earlier < 20; earlier += 1) {
      const through = descend(descend(header, first).header, second);
      assert.equal(descend(header, first).earlier, earlier);
      assert.equal(through.earlier, earlier);
      header = through.header;
    }
    assert.equal(header, `${root};Lineage=1:${first}:19|${second}:19`);
  });

  it("of several chains has each function's highest number", () => {
    assert.equal(
      mergedLineage(["a87bd80c:1|68fd508a:5", "", "68fd508a:3|c512fbe3:2"]),
      "a87bd80c:1|68fd508a:5|c512fbe3:2",
    );
    assert.equal(withLineage(`${root};Lineage=1:a87bd80c:1`, ""), root);
  });

  it("stays small, whatever was sent, and what it writes it reads", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.array(fc.stringMatching(/^[0-9a-f]{8}$/), { maxLength: 200 }),
        (sent, ids) => {
          const header = ids.reduce((so, id) => descend(so, id).header, sent);
          assert.ok(header.length <= sent.length + 9 + 64 * 20);
          const last = ids.at(-1);
          if (last !== undefined) assert.ok(lineageOf(header).split("|").at(-1)?.startsWith(`${last}:`));
        },
      ),
    );
  });
});
