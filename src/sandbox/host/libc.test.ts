import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemCallError } from "./libc.ts";

test("a failed system call has the name of its error, also where Node.js has none", () => {
  assert.equal(new SystemCallError("mount", 15, "erofs /x").code, "ENOTBLK");
  assert.equal(new SystemCallError("mount", 13, "erofs /x").code, "EACCES");
  assert.match(new SystemCallError("mount", 15, "erofs /x").message, /mount\(erofs \/x\): ENOTBLK/);
});
