/** Ranges of numbers that AWS checks behind the constraints of the API's model. */
import { ServiceError } from "../../base/errors.ts";
import { invalidParameter } from "../errors.ts";

/** MB. The API's model allows more, for function kinds that Kiln does not have. */
const MEMORY = { min: 128, max: 10240 };
/** Seconds. */
const TIMEOUT = { min: 1, max: 900 };
/** MB. */
const STORAGE = { min: 512, max: 10240 };

export function checkedMemory(megabytes: number): number {
  const wrong = outside(megabytes, MEMORY);
  if (wrong) throw invalidParameter(`'MemorySize' value failed to satisfy constraint: ${wrong}`);
  return megabytes;
}

export function checkedTimeout(seconds: number): number {
  return checked(seconds, TIMEOUT, "timeout");
}

export function checkedStorage(megabytes: number): number {
  return checked(megabytes, STORAGE, "ephemeralStorage.size");
}

function checked(value: number, range: { min: number; max: number }, member: string): number {
  const wrong = outside(value, range);
  if (wrong) {
    throw new ServiceError(
      "ValidationException",
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${wrong}`,
    );
  }
  return value;
}

function outside(value: number, range: { min: number; max: number }): string | undefined {
  if (value > range.max) return `Member must have value less than or equal to ${range.max}`;
  if (value < range.min) return `Member must have value greater than or equal to ${range.min}`;
  return undefined;
}
