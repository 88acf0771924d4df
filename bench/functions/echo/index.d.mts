export function handler(event: unknown): Promise<{ echo: unknown }>;
