/** Streams as many pieces of 64 KB as it is asked for, as fast as they are taken. */
import { once } from "node:events";

const piece = Buffer.alloc(64 * 1024, "x");

export async function send(pieces, stream) {
  for (let n = 0; n < pieces; n += 1) {
    if (!stream.write(piece)) await once(stream, "drain");
  }
  stream.end();
}

export const handler = globalThis.awslambda?.streamifyResponse(async (event, stream) => {
  await send(Number(event.queryStringParameters?.pieces ?? event.pieces), stream);
});
