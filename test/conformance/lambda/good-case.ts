/** One right call of an operation, and the whole of its answer. Function `f` exists, with version 1. */
import { Readable } from "node:stream";
import * as sdk from "@aws-sdk/client-lambda";
import type { TestApi } from "../../lambda/api.ts";
import type { lambdaOperations } from "../../../src/services/lambda/operations.ts";

export type OperationName = keyof typeof lambdaOperations;

type InputOf<O extends OperationName> = ConstructorParameters<(typeof sdk)[`${O}Command`]>[0];

export interface GoodCase {
  operation: OperationName;
  title: string;
  status: number;
  /** As `match` compares it; without the metadata. */
  answer: unknown;
  /** Makes what the call needs beside `f`, and answers with the call's input. */
  input: (api: TestApi) => object | Promise<object>;
}

/** The first case of an operation is also the ground of its generated refusals. */
export function good<O extends OperationName>(
  operation: O,
  title: string,
  input: InputOf<O> | ((api: TestApi) => Promise<InputOf<O>>),
  expected: { status?: number; answer: unknown },
): GoodCase {
  return {
    operation,
    title,
    status: 200,
    ...expected,
    input: (api) => (typeof input === "function" ? input(api) : (input as object)),
  };
}

export type Answer = { $metadata: { httpStatusCode?: number | undefined } } & Record<string, unknown>;

const commands = Object.fromEntries(Object.entries(sdk)) as unknown as Record<
  string,
  new (input: object) => sdk.GetFunctionCommand
>;

/** The official client's command of that name. */
export async function send(api: TestApi, operation: OperationName, input: object): Promise<Answer> {
  const Command = commands[`${operation}Command`];
  if (Command === undefined) throw new TypeError(`the official client has no ${operation}`);
  const answer = (await api.client.send(new Command(input))) as unknown as Answer;
  const { EventStream } = answer as { EventStream?: AsyncIterable<unknown> };
  // A stream is compared as the list of its events.
  return EventStream === undefined ? answer : { ...answer, EventStream: await Readable.from(EventStream).toArray() };
}
