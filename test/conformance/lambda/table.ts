/** The right calls of the suite. */
import type { GoodCase } from "./good-case.ts";
import { aliasCases } from "./good/aliases.ts";
import { goodCodeSigningCases } from "./good/code-signing.ts";
import { concurrencyCases } from "./good/concurrency.ts";
import { functionUrlCases } from "./good/function-urls.ts";
import { functionCases } from "./good/functions.ts";
import { layerCases } from "./good/layers.ts";
import { mappingCases } from "./good/mappings.ts";
import { invocationCases } from "./good/invocation.ts";
import { goodPolicyCases } from "./good/policies.ts";
import { goodTagCases } from "./good/tags.ts";

export const goodCases: readonly GoodCase[] = [
  ...aliasCases,
  ...concurrencyCases,
  ...functionCases,
  ...functionUrlCases,
  ...layerCases,
  ...mappingCases,
  ...goodCodeSigningCases,
  ...invocationCases,
  ...goodPolicyCases,
  ...goodTagCases,
];
