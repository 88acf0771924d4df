import assert from "node:assert/strict";
import { test } from "node:test";

import { startNodeRuntime } from "./node-runtime.ts";

const source = `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event === 'early') throw new Error('early');
  if (event === 'http') stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
  stream.write('a'); stream.write({ b: 1 }); stream.write(Buffer.from('c'));
  if (event === 'at once') throw new Error('at once');
  if (event === 'ended') { stream.end('d'); throw new Error('ended'); }
  if (event === 'destroyed') { stream.on('error', () => {}); await new Promise((r) => setTimeout(r, 5)); stream.destroy(); throw new Error('destroyed'); }
  if (event === 'late') { await new Promise((r) => setTimeout(r, 5)); throw new Error('late'); }
  if (event === 'open') return;
  stream.end();
});`;

for (const runtime of ["nodejs22.x", "nodejs24.x"]) {
  test(`a streamed answer is sent in pieces (${runtime})`, async (t) => {
    const started = await startNodeRuntime(t, { files: { "index.js": source }, runtime });
    const { kind, raw } = await started.invoke({});
    assert.equal(kind, "response");
    assert.equal(raw.body, 'a{"b":1}c');
    assert.equal(raw.headers["lambda-runtime-function-response-mode"], "streaming");
    assert.equal(raw.headers["content-type"], "application/octet-stream");

    const http = (await started.invoke("http")).raw;
    assert.equal(http.body, `{"statusCode":201}${"\0".repeat(8)}a{"b":1}c`);
    assert.equal(http.headers["content-type"], "application/vnd.awslambda.http-integration-response");

    const early = await started.invoke("early");
    assert.deepEqual([early.kind, (early.value as { errorMessage: string }).errorMessage], ["error", "early"]);

    for (const [event, message] of [
      ["late", "late"],
      ["at once", "at once"],
      ["destroyed", "destroyed"],
      ["open", "Response stream is not finished."],
    ]) {
      const { body, trailers } = (await started.invoke(event)).raw;
      assert.equal(body, 'a{"b":1}c');
      assert.equal(trailers["lambda-runtime-function-error-type"], "Error");
      const error = Buffer.from(trailers["lambda-runtime-function-error-body"] ?? "", "base64").toString();
      assert.equal((JSON.parse(error) as { errorMessage: string }).errorMessage, message);
    }
    assert.equal((await started.invoke("ended")).raw.body, 'a{"b":1}cd');
    assert.equal((await started.invoke({})).raw.body, 'a{"b":1}c');
  });
}
