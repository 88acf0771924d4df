/**
 * The same function, which knows its last answer: for what a call asks again that the call before has asked already. It must
 * depend on its text alone, and nobody may change what it answers.
 */
export function rememberLast<T>(of: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly answer: T } | undefined;
  return (text) => {
    if (last === undefined || last.text !== text) last = { text, answer: of(text) };
    return last.answer;
  };
}
