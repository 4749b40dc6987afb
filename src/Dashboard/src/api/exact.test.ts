import { expect, test } from "vitest";
import { ExactNumber, parseAnswer, parseExact, writeExact } from "./exact";
import type { Json } from "./types";

test("numbers that a double cannot hold go through as they were written", () => {
  for (const text of ["9007199254740993", "-12345678901234567890", "0.10000000000000000001", "1e400", '{"a":[9007199254740993,1,"9007199254740993"]}']) {
    expect(writeExact(parseExact(text))).toBe(text);
    expect(JSON.stringify(JSON.parse(text))).not.toBe(text);
  }
  expect(String((parseExact("[9007199254740993]") as Json[])[0])).toBe("9007199254740993");
});

test("those that it can hold stay plain numbers", () => {
  for (const text of ["0", "-1.5", "9007199254740992", "0.30000000000000004", "1.7976931348623157e308", "100000000000000000000000", "0.00000000000000000000", "1.50000000000000000000", "-5e-324"])
    expect(typeof parseExact(text), text).toBe("number");
});

test("text is left alone, whatever stands in it", () => {
  const odd = { text: 'say "12345678901234567890", \\ 1e400', "9007199254740993": "9007199254740993\\" };
  expect(parseExact(JSON.stringify(odd))).toEqual(odd);
  expect(writeExact(odd)).toBe(JSON.stringify(odd));
  expect(() => parseExact("{12345678901234567890}")).toThrow(SyntaxError);
});

test("of an answer only arguments are exact: this page calculates with the rest", () => {
  const answer = parseAnswer<{ cost: number; calls: readonly { arguments: { account: unknown } }[] }>('{"cost":0.33333333333333333333,"calls":[{"arguments":{"account":9007199254740993}}]}');
  expect(answer.cost + 1).toBeCloseTo(4 / 3);
  expect(answer.calls[0]?.arguments.account).toEqual(new ExactNumber("9007199254740993"));
  expect(writeExact(answer.calls)).toBe('[{"arguments":{"account":9007199254740993}}]');
});
