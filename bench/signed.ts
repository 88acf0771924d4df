/**
 * What `--auth on` adds to a warm call: the same handler behind two Kilns, one that takes everybody and one where a user
 * with a policy of its own signs every request, in interleaved rounds. The load tool sends one signed request over and
 * over, so that it does the same work for both; each is verified and decided as if it were new.
 */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { HttpRequest } from "@smithy/core/transport";
import { benchFunction, deployEcho } from "./functions.ts";
import { load, startKiln, type Keys, type Load, type RunningKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 7;
const seconds = 2;
const payload = '{"n":1}';
const path = `/2015-03-31/functions/${benchFunction}/invocations`;
const region = "us-east-1";

function statements(...all: Record<string, unknown>[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: all.map((one) => ({ Effect: "Allow", ...one })) });
}

/** The role of the function, and a user that may call it. */
async function makeIdentities({ port, keys }: RunningKiln): Promise<Keys> {
  const iam = new IAMClient({ endpoint: `http://127.0.0.1:${port}`, region, credentials: keys });
  try {
    const trust = statements({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
    await iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: trust }));
    await iam.send(new CreateUserCommand({ UserName: "caller" }));
    const policy = statements(
      { Action: "logs:*", Resource: "*" },
      {
        Action: "lambda:Invoke*",
        Resource: "arn:aws:lambda:*:*:function:*",
        Condition: { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
      },
    );
    await iam.send(new PutUserPolicyCommand({ UserName: "caller", PolicyName: "call", PolicyDocument: policy }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "caller" }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  } finally {
    iam.destroy();
  }
}

/** Headers as the SDK would send them, but for those that the load tool has itself. */
async function signedHeaders(port: number, credentials: Keys): Promise<string> {
  const client = new LambdaClient({ region, credentials });
  const signer = await client.config.signer({
    signingRegion: region,
    signingName: "lambda",
    name: "sigv4",
    properties: {},
  });
  const host = `127.0.0.1:${port}`;
  const headers = { host, "content-type": "application/json" };
  const request = new HttpRequest({ method: "POST", hostname: host, path, headers, body: payload });
  const signed = await signer.sign(request, { signingRegion: region, signingService: "lambda" });
  client.destroy();
  return Object.entries(signed.headers)
    .filter(([name]) => !["host", "content-type", "content-length"].includes(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

export async function signed(): Promise<void> {
  const kilns = {
    off: await startKiln({ KILN_REQUEST_RATE: "0" }),
    on: await startKiln({ KILN_REQUEST_RATE: "0", KILN_AUTH: "on" }),
  };
  try {
    const user = await makeIdentities(kilns.on);
    for (const kiln of Object.values(kilns)) {
      await deployEcho(kiln.client);
      await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: payload }));
    }
    const rows: Row[] = [];
    const result: Record<string, unknown> = {};
    for (const connections of [1, 4]) {
      const measured: { off: Load[]; on: Load[] } = { off: [], on: [] };
      for (let round = 0; round <= rounds; round += 1) {
        for (const auth of ["off", "on"] as const) {
          const { port } = kilns[auth];
          // Signed anew each round: a signature is good for five minutes.
          const headers = auth === "on" ? await signedHeaders(port, user) : "";
          const one = await load(port, path, connections, seconds, payload, headers);
          if (round > 0) measured[auth].push(one);
        }
      }
      result[`connections-${connections}`] = measured;
      const rate = (auth: "off" | "on") => median(measured[auth].map((run) => run.perSecond));
      for (const auth of ["off", "on"] as const) {
        const p50 = measured[auth].map((run) => run.p50);
        rows.push({
          connections,
          auth,
          "p50 µs": median(p50).toFixed(0),
          "p50 spread": spread(p50, 0),
          "calls/s": rate(auth).toFixed(0),
          throughput: (rate(auth) / rate("off")).toFixed(2),
        });
      }
    }
    printTable(`Warm calls with and without authentication: ${rounds} interleaved rounds of ${seconds} s`, rows);
    console.log(`\n${await saveResult("signed", result)}`);
  } finally {
    for (const kiln of Object.values(kilns)) await kiln.stop();
  }
}
