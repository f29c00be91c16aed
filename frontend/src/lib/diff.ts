/** Word diff by longest common subsequence: small texts, so the plain quadratic table does. */

export interface DiffPart {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Words, runs of white space and single punctuation marks; joined they are the text again. */
export function tokenize(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_'’-]+|[^\s]/gu) ?? [];
}

export function diffWords(before: string, after: string): DiffPart[] {
  const a = tokenize(before);
  const b = tokenize(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  return merge([
    ...a.slice(0, start).map(same),
    ...diffMiddle(a.slice(start, endA), b.slice(start, endB)),
    ...a.slice(endA).map(same),
  ]);
}

const same = (text: string): DiffPart => ({ kind: "same", text });

function diffMiddle(a: string[], b: string[]): DiffPart[] {
  const width = b.length + 1;
  // lengths[i * width + j]: the longest common subsequence of a[i..] and b[j..].
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const parts: DiffPart[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      parts.push(same(left));
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      parts.push({ kind: "removed", text: left });
      i += 1;
    } else if (right !== undefined) {
      parts.push({ kind: "added", text: right });
      j += 1;
    }
  }
  return parts;
}

/** Neighbours of one kind become one part; between two changes, removals come before additions. */
function merge(parts: DiffPart[]): DiffPart[] {
  const merged: DiffPart[] = [];
  let removed = "";
  let added = "";
  const flush = () => {
    if (removed) merged.push({ kind: "removed", text: removed });
    if (added) merged.push({ kind: "added", text: added });
    removed = added = "";
  };
  parts.forEach((part, index) => {
    if (part.kind === "removed") removed += part.text;
    else if (part.kind === "added") added += part.text;
    else if (isBridge(part, parts[index + 1], removed !== "" && added !== "")) {
      removed += part.text;
      added += part.text;
    } else {
      flush();
      const last = merged.at(-1);
      if (last?.kind === "same") last.text += part.text;
      else merged.push({ ...part });
    }
  });
  flush();
  return merged;
}

/** A lone space between two replaced words would cut one replaced phrase into confetti. */
function isBridge(part: DiffPart, next: DiffPart | undefined, replacing: boolean): boolean {
  return replacing && next !== undefined && next.kind !== "same" && /^\s+$/.test(part.text);
}
