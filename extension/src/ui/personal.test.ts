import { expect, test } from "vitest";

import { biancasPhone, personal } from "../testing/samples";
import { draftFor, draftOf, fieldAt, isEmpty, personalOf, refusalsOf } from "./personal";

const empty = draftFor({});

test("what is known already stands in the form", () => {
  expect(draftFor({ number: "+19295550164" })).toEqual({ ...empty, phone: "+19295550164" });
  expect(draftFor({ name: " Ana  de Souza " })).toEqual({ ...empty, first_name: "Ana", last_name: "de Souza" });
});

test("a contact's numbers stand as they were written", () => {
  expect(draftOf(personal())).toMatchObject({ first_name: "Ben", company: "", mobile: "(415) 555-0132", phone: "" });
});

test("blanks are nothing, the rest is trimmed", () => {
  expect(personalOf({ ...empty, first_name: " Ana ", company: "  ", phone: " 030 23125 014 " }, null)).toEqual({
    first_name: "Ana",
    last_name: null,
    company: null,
    job_title: null,
    email: null,
    phones: [{ kind: "phone", number: "030 23125 014" }],
  });
});

test("a WhatsApp number, which the form does not show, outlives an edit", () => {
  const before = personal({ phones: [biancasPhone, { ...biancasPhone, kind: "whatsapp", raw: "+49 151 1" }] });
  expect(personalOf(draftOf(before), before).phones).toEqual([
    { kind: "mobile", number: "(415) 555-0132" },
    { kind: "whatsapp", number: "+49 151 1" },
  ]);
});

const sent = personalOf({ ...empty, phone: "1" }, null);

test.each([
  ["email", "email"],
  ["body.email", "email"],
  ["phones.0.number", "phone"],
  ["phones.7.number", null],
  ["body", null],
  ["constructor", null],
])("a refusal of %s is said at %s", (where, field) => {
  expect(fieldAt(where, sent)).toBe(field);
});

test("of several refusals of one field the first is said", () => {
  const fields = [
    { where: "email", what: "too long" },
    { where: "email", what: "no @" },
    { where: "body", what: "all of it" },
  ];
  expect(refusalsOf(fields, sent)).toEqual({ email: "too long" });
});

test("a job title alone is nobody", () => {
  expect(isEmpty(personalOf({ ...empty, job_title: "VP" }, null))).toBe(true);
  expect(isEmpty(sent)).toBe(false);
});
