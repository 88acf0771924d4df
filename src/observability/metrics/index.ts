export { createMetrics, type Metrics } from "./metrics.ts";
export { metricsPage } from "./page.ts";
