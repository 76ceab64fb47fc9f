/** Which part of a text a search found, so that it can be marked: words without regard to case and accents, numbers without regard to their punctuation. */

interface Match {
  from: number;
  to: number;
}

const FEWEST_DIGITS = 2;

/** One folded sign per UTF-16 unit, so that places in both texts are the same. */
function folded(text: string): string {
  return [...text]
    .map((sign) => {
      const plain = sign.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      return plain.length === sign.length ? plain : sign.toLowerCase().padEnd(sign.length).slice(0, sign.length);
    })
    .join("");
}

function digitsMatch(text: string, wanted: string): Match | null {
  const places = [...text.matchAll(/\d/gu)].map((found) => found.index);
  const digits = places.map((place) => text[place]).join("");
  const at = digits.indexOf(wanted);
  const from = places[at];
  const to = places[at + wanted.length - 1];
  return at < 0 || from === undefined || to === undefined ? null : { from, to: to + 1 };
}

function isNumber(q: string): boolean {
  return /^[\d\s()+./-]+$/u.test(q);
}

export function matchIn(text: string, q: string): Match | null {
  if (q === "") return null;
  if (isNumber(q)) {
    const wanted = q.replaceAll(/\D/gu, "");
    return wanted.length < FEWEST_DIGITS ? null : digitsMatch(text, wanted);
  }
  const inside = folded(text);
  for (const part of [q, ...q.split(/\s+/u)]) {
    const at = part === "" ? -1 : inside.indexOf(folded(part));
    if (at >= 0) return { from: at, to: at + part.length };
  }
  return null;
}
