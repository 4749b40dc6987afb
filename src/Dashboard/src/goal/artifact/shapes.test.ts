import { expect, test } from "vitest";
import type { Json } from "../../api/types";
import { shapeOf } from "./shapes";

test("a mail is told by its parts", () => {
  const shape = shapeOf({ from: { name: "Ann", address: "ann@example.com" }, to: ["a@b"], subject: "Hi", date: null, text: "Hello", attachments: [{ name: "x.pdf", mediaType: "application/pdf", bytes: 3 }] });
  expect(shape).toMatchObject({ is: "email", email: { from: "Ann <ann@example.com>", attachments: ["x.pdf"] } });
});

test("a list of flat records is a table, with the columns of them all", () => {
  expect(shapeOf([{ a: 1 }, { a: null, b: "x" }])).toEqual({ is: "table", table: { columns: ["a", "b"], rows: [["1", ""], ["", "x"]] } });
  expect(shapeOf({ name: "t", columns: ["a"], rows: [["1"], [null]], source: "t.csv" })).toMatchObject({ is: "table", table: { rows: [["1"], [""]] } });
});

test("long text is read as text, with what else there is beside it", () => {
  const text = "A sentence that is long enough to be read and not to be looked up.";
  expect(shapeOf({ subject: "Re", text, citations: [] })).toEqual({ is: "text", title: "Re", text, rest: { citations: [] } });
});

test("whatever else is JSON", () => {
  for (const value of [null, 3, [], [1, "a"], { id: "T-1" }, { from: "me", text: "short" }] as Json[]) expect(shapeOf(value).is).toBe("json");
});
