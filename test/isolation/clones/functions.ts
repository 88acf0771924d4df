/** Functions that tell of everything random that their language has, and of what else must not be another environment's. */
export interface Told {
  /** Each has to be another one in every environment. */
  random: Record<string, string | number>;
  hostname: string;
  /** ms since 1970. */
  time: number;
}

export interface TellingFunction {
  runtime: string;
  handler: string;
  files: Record<string, string>;
}

/** @param port Of 127.0.0.1, where a TLS server is. */
export function tellingFunctions(port: number): TellingFunction[] {
  return [
    {
      runtime: "nodejs24.x",
      handler: "index.handler",
      files: {
        "index.mjs": `
          import crypto from "node:crypto";
          import fs from "node:fs";
          import os from "node:os";
          import tls from "node:tls";
          import { Worker } from "node:worker_threads";
          const atStart = { mathAtStart: Math.random(), uuidAtStart: crypto.randomUUID() };
          const finished = () => new Promise((resolve, reject) => {
            const socket = tls.connect({ host: "127.0.0.1", port: ${port}, rejectUnauthorized: false }, () => {
              resolve(socket.getFinished().toString("hex"));
              socket.end();
            });
            socket.on("error", reject);
          });
          const inThread = () => new Promise((resolve) =>
            new Worker('require("node:worker_threads").parentPort.postMessage(Math.random())', { eval: true }).once("message", resolve));
          export const handler = async () => ({
            random: {
              ...atStart,
              uuid: crypto.randomUUID(),
              bytes: crypto.randomBytes(16).toString("hex"),
              int: crypto.randomInt(2 ** 47),
              web: Buffer.from(crypto.webcrypto.getRandomValues(new Uint8Array(16))).toString("hex"),
              key: crypto.generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }).x,
              math: Math.random(),
              thread: await inThread(),
              kernel: fs.readFileSync("/proc/sys/kernel/random/uuid", "utf8"),
              tls: await finished(),
            },
            hostname: os.hostname(),
            time: performance.timeOrigin + performance.now(),
          });`,
      },
    },
    {
      runtime: "python3.13",
      handler: "index.handler",
      files: {
        "index.py": `
import os, random, secrets, socket, ssl, time, uuid
at_start = {"random_at_start": random.random(), "uuid_at_start": str(uuid.uuid4())}

def finished():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", ${port})) as plain, context.wrap_socket(plain) as secure:
        return secure.get_channel_binding("tls-unique").hex()

def handler(event, context):
    return {
        "random": {
            **at_start,
            "urandom": os.urandom(16).hex(),
            "random": random.random(),
            "uuid": str(uuid.uuid4()),
            "secrets": secrets.token_hex(16),
            "ssl": ssl.RAND_bytes(16).hex(),
            "tls": finished(),
        },
        "hostname": socket.gethostname(),
        "time": time.time() * 1000,
    }
`,
      },
    },
    {
      runtime: "ruby3.3",
      handler: "index.handler",
      files: {
        "index.rb": `
require 'openssl'
require 'securerandom'
require 'socket'
AT_START = { at_start: rand, uuid_at_start: SecureRandom.uuid }

def finished
  plain = TCPSocket.new('127.0.0.1', ${port})
  context = OpenSSL::SSL::SSLContext.new
  context.verify_mode = OpenSSL::SSL::VERIFY_NONE
  secure = OpenSSL::SSL::SSLSocket.new(plain, context)
  secure.connect
  secure.finished_message.unpack1('H*')
end

def handler(event:, context:)
  {
    random: {
      **AT_START,
      rand: rand,
      bytes: Random.bytes(16).unpack1('H*'),
      secure: SecureRandom.hex(16),
      openssl: OpenSSL::Random.random_bytes(16).unpack1('H*'),
      kernel: File.binread('/dev/urandom', 16).unpack1('H*'),
      tls: finished
    },
    hostname: Socket.gethostname,
    time: Time.now.to_f * 1000
  }
end
`,
      },
    },
  ];
}
