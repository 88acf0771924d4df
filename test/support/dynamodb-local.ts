/** DynamoDB Local as a process of its own. */
import type { TestContext } from "node:test";
import { CreateTableCommand, DynamoDBClient, type StreamViewType } from "@aws-sdk/client-dynamodb";
import { dynamodbLocal } from "../../tools/dynamodb-local.ts";
import { startServer } from "./server-process.ts";

export interface TestDynamodb {
  endpoint: string;
  client: DynamoDBClient;
  /** Makes a table with the key `id`, and resolves to the ARN of its stream. */
  create(name: string, view: StreamViewType): Promise<string>;
}

export async function startDynamodb(context: TestContext): Promise<TestDynamodb> {
  const command = [...(await dynamodbLocal()), "-inMemory", "-sharedDb", "-disableTelemetry"];
  const { endpoint } = await startServer(context, { command, port: (port) => ["-port", String(port)] });
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "kiln" },
  });
  context.after(() => client.destroy());
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
