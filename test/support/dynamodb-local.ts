/** DynamoDB Local as a process of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand, type StreamViewType } from "@aws-sdk/client-dynamodb";
import { dynamodbLocal } from "../../tools/dynamodb-local.ts";

export interface TestDynamodb {
  endpoint: string;
  client: DynamoDBClient;
  /** Makes a table with the key `id`, and resolves to the ARN of its stream. */
  create(name: string, view: StreamViewType): Promise<string>;
}

export async function startDynamodb(context: TestContext): Promise<TestDynamodb> {
  const [program = "", ...options] = await dynamodbLocal();
  const port = await freePort();
  // It writes a file about itself where it is started.
  const home = mkdtempSync(join(tmpdir(), "kiln-test-dynamodb-"));
  const server = spawn(program, [...options, "-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)], {
    stdio: "ignore",
    cwd: home,
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "kiln" },
  });
  context.after(async () => {
    client.destroy();
    server.kill("SIGKILL");
    await ended;
    rmSync(home, { recursive: true });
  });
  for (let each = 0; ; each += 1) {
    try {
      await client.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      if (each === 300 || server.exitCode !== null) throw error;
      await sleep(100);
    }
  }
  return {
    endpoint,
    client,
    async create(TableName, StreamViewType) {
      const { TableDescription: table } = await client.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          BillingMode: "PAY_PER_REQUEST",
          StreamSpecification: { StreamEnabled: true, StreamViewType },
        }),
      );
      return table?.LatestStreamArn ?? "";
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
