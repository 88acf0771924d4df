/** Answers with what it was given. */
export const handler = async (event) => ({ echo: event });
