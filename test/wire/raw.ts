/** HTTP by hand, for what no client would send. */
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything that came, with further answers. */
  readonly text: string;
}

/** Sends the parts as they are and reads until the server closes, `until` is satisfied, or nothing has come for `idleMs`. */
export async function raw(
  port: number,
  parts: readonly (string | Buffer)[],
  until: (text: string) => boolean = () => false,
  idleMs = 0,
): Promise<RawAnswer> {
  const text = await new Promise<string>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    if (idleMs > 0) socket.setTimeout(idleMs, () => socket.destroy());
    const received = () => Buffer.concat(chunks).toString("latin1");
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (until(received())) socket.destroy();
    });
    // A reset after the answer is part of what is tested: what came before it counts.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(received()));
    for (const part of parts) socket.write(part);
  });
  return parse(text);
}

/** True when the head and the body that it announces have come. */
export function isWhole(text: string): boolean {
  const { headers, body } = parse(text);
  return text.includes("\r\n\r\n") && body.length >= Number(headers["content-length"] ?? 0);
}

function parse(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, body: rest.join("\r\n\r\n"), text };
}
