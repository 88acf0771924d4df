import assert from "node:assert/strict";
import { test } from "node:test";
import { createTerminal, table } from "./terminal.ts";

interface Stream {
  stream: NodeJS.WriteStream;
  text(): string;
}

function fakeStream(isTTY: boolean): Stream {
  let text = "";
  const write = (chunk: string | Uint8Array): boolean => {
    text += chunk.toString();
    return true;
  };
  return { stream: { isTTY, columns: 80, write } as unknown as NodeJS.WriteStream, text: () => text };
}

for (const isTTY of [true, false]) {
  test(`progress is shown on a terminal only, and is gone at the end: ${isTTY}`, async () => {
    const [out, err] = [fakeStream(isTTY), fakeStream(isTTY)];
    const terminal = createTerminal(out.stream, err.stream);
    const answer = await terminal.progress("first", async (say) => {
      say("second");
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      return 7;
    });
    assert.equal(answer, 7);
    assert.equal(out.text(), "");
    assert.equal(err.text().includes("second 1 s"), isTTY);
    // The last thing is that the line is cleared.
    assert.equal(err.text().endsWith("\r\u001B[2K"), isTTY);
    if (!isTTY) assert.equal(err.text(), "");
  });
}

test("what is quick shows nothing, and an error comes through", async () => {
  const err = fakeStream(true);
  const terminal = createTerminal(fakeStream(true).stream, err.stream);
  await assert.rejects(
    terminal.progress("quick", () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(err.text(), "");
});

test("a table's columns are as wide as they need to be", () => {
  assert.equal(
    table([
      ["A", "LONGER"],
      ["much longer", "x"],
    ]),
    "A            LONGER\nmuch longer  x",
  );
});
