/** The right calls of the suite. */
import type { GoodCase } from "./good-case.ts";
import { aliasCases } from "./good/aliases.ts";
import { functionUrlCases } from "./good/function-urls.ts";
import { functionCases } from "./good/functions.ts";
import { layerCases } from "./good/layers.ts";
import { mappingCases } from "./good/mappings.ts";

export const goodCases: readonly GoodCase[] = [
  ...aliasCases,
  ...functionCases,
  ...functionUrlCases,
  ...layerCases,
  ...mappingCases,
];
