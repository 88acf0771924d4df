/** The Unix socket on which the Runtime API is served is none through which a function reaches further than through TCP. */
import assert from "node:assert/strict";
import { closeSync } from "node:fs";
import { listenLocally } from "../../src/sandbox/host/local-listener.ts";
import { openArena } from "./hostile.ts";
import { hostile } from "./levels.ts";

function servedHere(): boolean {
  const fd = listenLocally(`kiln-test-${process.pid}`);
  if (fd !== undefined) closeSync(fd);
  return fd !== undefined;
}

hostile("abuse of the Runtime API's Unix socket", async (context, level) => {
  const arena = await openArena(context, level);
  await arena.deploy("attacker", "local_socket.py");
  const seen = async (attack: string): Promise<unknown> => {
    const { payload } = await arena.beside(`Unix socket: ${attack}`, () => arena.call("attacker", { attack }));
    return (payload as { seen: unknown }).seen;
  };
  if (level !== "container" || !servedHere()) {
    // There is none, and the runtime has found the other way.
    assert.deepEqual([await seen("connect"), await seen("runtime")], ["ECONNREFUSED", ["AF_INET"]]);
  } else {
    assert.deepEqual([await seen("connect"), await seen("runtime")], ["404", ["AF_UNIX"]]);
    // Kiln would wait when it closes it, and every other call with it.
    assert.equal(await seen("descriptor"), "EPERM");
    // All but the last of them come as what they are: garbage before a request.
    assert.equal(await seen("urgent"), "400");
    // Eight in all, of which the runtime has one.
    assert.equal(await seen("many"), 7);
    assert.equal(await seen("connect"), "404");
  }
  await arena.close();
});
