/** Environment variables of a function: AWS's size limit and reserved names. */
import { invalidParameter } from "../errors.ts";

/** Bytes of the variables as compact JSON. */
const MAX_BYTES = 4096;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Reserved environment variables". */
export const reservedNames: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_LAMBDA_MAX_CONCURRENCY",
  "AWS_LAMBDA_METADATA_API",
  "AWS_LAMBDA_METADATA_TOKEN",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

const prefix =
  "Lambda was unable to configure your environment variables because the environment variables you have provided";

/** The variables, checked. Throws AWS's errors. */
export function checkedVariables(variables: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const own = { ...variables };
  const reserved = Object.keys(own).filter((name) => reservedNames.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${prefix} contains reserved keys that are currently not supported for modification. ` +
        `Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const measured = JSON.stringify(own);
  if (Buffer.byteLength(measured) > MAX_BYTES) {
    throw invalidParameter(`${prefix} exceeded the 4KB limit. String measured: ${measured}`);
  }
  // A variable cannot hold a NUL byte: it would end the string that the process gets.
  const broken = Object.entries(own).find(([, value]) => value.includes("\0"));
  if (broken) throw invalidParameter(`${prefix} contains a null character in the value of ${broken[0]}.`);
  return own;
}
