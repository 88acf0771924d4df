/** The right calls of the suite. */
import type { GoodCase } from "./good-case.ts";
import { aliasCases } from "./good/aliases.ts";
import { functionCases } from "./good/functions.ts";

export const goodCases: readonly GoodCase[] = [...aliasCases, ...functionCases];
