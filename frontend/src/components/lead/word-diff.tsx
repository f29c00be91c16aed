import { useMemo } from "react";
import { diffWords } from "@/lib/diff";

/** What was taken out and put in, with strike-through and underline as well as colour. */
export function WordDiff({ before, after }: { before: string; after: string }) {
  const parts = useMemo(() => diffWords(before, after), [before, after]);
  return (
    <p dir="auto" className="text-base break-words whitespace-pre-wrap text-soft">
      {parts.map((part, index) => {
        if (part.kind === "same") return <span key={index}>{part.text}</span>;
        if (part.kind === "removed") {
          return (
            <del key={index} className="rounded-xs bg-bad-soft text-bad">
              {part.text}
            </del>
          );
        }
        return (
          <ins key={index} className="rounded-xs bg-good-soft text-good underline decoration-good/50 underline-offset-2">
            {part.text}
          </ins>
        );
      })}
    </p>
  );
}
