import { type ComponentProps, useId, useState } from "react";
import { Field, INPUT } from "./field";

interface CommittedInputProps extends Omit<ComponentProps<"input">, "value" | "onChange"> {
  value: string;
  onCommit: (value: string) => void;
  /** A value that can be nothing but finished counts at once: a day picked from a calendar, say. */
  isWhole?: (value: string) => boolean;
}

/** An input whose value counts when it is left, confirmed with Enter, or chosen from its suggestions. */
export function CommittedInput({ value, onCommit, isWhole, ...rest }: CommittedInputProps) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  if (value !== shown) {
    setShown(value);
    setText(value);
  }
  const commit = (given: string) => {
    if (given.trim() !== value) onCommit(given.trim());
  };
  return (
    <input
      {...rest}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const isChoice = (event.nativeEvent as InputEvent).inputType === "insertReplacementText";
        if (isChoice || event.target.value === "" || isWhole?.(event.target.value)) commit(event.target.value);
      }}
      onBlur={() => commit(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(text);
      }}
      className={INPUT}
    />
  );
}

/** A filter that takes any text, and offers what is on screen. */
export function SuggestedInput({ label, value, values, onChange, className }: { label: string; value: string; values: string[]; onChange: (value: string) => void; className?: string }) {
  const listId = useId();
  const known = [...new Set(values)].filter(Boolean).sort();
  return (
    <Field label={label} className={className}>
      {(attributes) => (
        <>
          <CommittedInput {...attributes} list={listId} placeholder="Any" value={value} onCommit={onChange} autoComplete="off" autoCapitalize="none" spellCheck={false} />
          <datalist id={listId}>
            {known.map((option) => (
              <option key={option} value={option} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
