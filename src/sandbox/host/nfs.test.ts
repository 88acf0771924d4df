import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { FileSystemError } from "../contract.ts";
import { mountNfs } from "./nfs.ts";

const source = { kind: "nfs", server: "127.0.0.1", path: "/export" } as const;
const mount = { name: "arn", source, readOnly: false };

test("a server that nobody is at", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  await assert.rejects(mountNfs(mount, "/nowhere", port), (error) => {
    assert.ok(error instanceof FileSystemError);
    assert.deepEqual([error.fault, error.accessPoint], ["connectivity", "arn"]);
    return true;
  });
});

test("a server that is none of NFS", async (t) => {
  const server = createServer((socket) => socket.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await assert.rejects(mountNfs(mount, "/nowhere", port), (error) => {
    assert.ok(error instanceof FileSystemError);
    // Without a client of NFS in the kernel nothing is asked at all.
    assert.ok(["failure", "timeout"].includes(error.fault), error.message);
    return true;
  });
});
